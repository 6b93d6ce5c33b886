using NearbyFriends.Api.Pages;

namespace NearbyFriends.Api.AsyncApi;

/// <summary>The contract of sockets and streams: docs/asyncapi.yaml at <c>/asyncapi.yaml</c>, and as a page at <c>/asyncapi</c>.</summary>
public static class AsyncApiEndpoints
{
    private const string MediaType = "application/yaml"; // RFC 9512

    private static readonly Lazy<string> Document = new(Read);
    private static readonly Lazy<HtmlPage> Page = new(() => AsyncApiPage.Of(Yaml.Read(Document.Value)));

    public static void MapAsyncApi(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/asyncapi.yaml", () => TypedResults.Text(Document.Value, MediaType)).ExcludeFromDescription();
        routes.MapGet("/asyncapi", () => Page.Value).ExcludeFromDescription();
    }

    private static string Read()
    {
        using var stream = typeof(AsyncApiEndpoints).Assembly.GetManifestResourceStream("asyncapi.yaml")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
