using System.Text.Encodings.Web;
using Markdig;

namespace NearbyFriends.Api.Pages;

/// <summary>Text as HTML.</summary>
public static class HtmlText
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers().DisableHtml().Build();

    public static string FromPlain(string text) => HtmlEncoder.Default.Encode(text);

    /// <summary>Markdown with tables, as descriptions of the OpenAPI and AsyncAPI documents are written; HTML in it is shown as text.</summary>
    public static string FromMarkdown(string? text) => Markdown.ToHtml(text ?? "", Pipeline);
}
