using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using NearbyFriends.Api.Pages;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.Problems;

/// <summary>
/// The catalogue of problem types at <c>/problems</c>, and a page about each where the path of its <c>type</c> leads. Made from
/// <see cref="ProblemKind.All"/>, so none is missing.
/// </summary>
public static class ProblemPages
{
    private const string Introduction = """
        Every failed HTTP call of the Api and of the gateway is answered with problem details ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)).
        `type` and `code` are stable: tell problems apart by one of them, not by `title` and `detail`, which are for people. A code that you do
        not know means what its status means.

        Errors and close codes of sockets and streams: [AsyncAPI document](/asyncapi#errors).
        """;

    private static readonly HtmlPage Catalogue = new("Problem types", HtmlText.FromMarkdown(Introduction) + string.Concat(
        ProblemKind.All.GroupBy(kind => kind.Status).OrderBy(kinds => kinds.Key).Select(Section)));

    public static void MapProblemPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/problems").ExcludeFromDescription();
        pages.MapGet("/", () => Catalogue);
        pages.MapGet("/{code}", Results<HtmlPage, Problem> (string code) =>
            ProblemKind.All.FirstOrDefault(kind => kind.Code == code) is { } kind ? Page(kind) : new Problem(ProblemKind.NotFound));
    }

    private static string Section(IGrouping<int, ProblemKind> kinds) => $"""
        <h2>{StatusLine(kinds.Key)}</h2>
        <table>
        <tr><th>Code</th><th>When</th><th>What a client does</th></tr>
        {string.Concat(kinds.Select(Row))}
        </table>

        """;

    private static string Row(ProblemKind kind) => $"""
        <tr id="{kind.Code}"><td><a href="/problems/{kind.Code}"><code>{kind.Code}</code></a></td>
        <td>{HtmlText.FromMarkdown(kind.Title)}</td><td>{HtmlText.FromMarkdown(kind.Advice)}</td></tr>

        """;

    private static HtmlPage Page(ProblemKind kind) => new(kind.Code, $"""
        {HtmlText.FromMarkdown(kind.Title)}
        <table>
        <tr><th>What a client does</th><td>{HtmlText.FromMarkdown(kind.Advice)}</td></tr>
        <tr><th>Status</th><td>{StatusLine(kind.Status)}</td></tr>
        <tr><th>Type</th><td><code>{kind.Type}</code></td></tr>
        </table>
        <nav><a href="/problems">All problem types</a></nav>
        """);

    private static string StatusLine(int status) => $"{status} {ReasonPhrases.GetReasonPhrase(status)}";
}
