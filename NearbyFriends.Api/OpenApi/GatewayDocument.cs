using Microsoft.Extensions.Options;
using NearbyFriends.Api.AsyncApi;
using NearbyFriends.Api.MapPage;

namespace NearbyFriends.Api.OpenApi;

/// <summary>
/// The OpenAPI document of the gateway's HTTP calls, docs/openapi-gateway.yaml, at <c>/openapi/gateway.json</c>: beside the Api's own, for a
/// reader needs both, and a gateway has better things to do than to serve documents.
/// </summary>
public static class GatewayDocument
{
    internal const string Path = "/openapi/gateway.json";

    public static void MapGatewayDocument(this WebApplication app)
    {
        var json = new Lazy<string>(() => Read(app.Services.GetRequiredService<IOptions<MapPageOptions>>().Value.Gateway));
        app.MapGet(Path, () => TypedResults.Text(json.Value, "application/json")).ExcludeFromDescription();
    }

    /// <summary>The document, whose calls are tried out at this gateway; without one, at the address that serves the document.</summary>
    private static string Read(string? gateway)
    {
        using var stream = typeof(GatewayDocument).Assembly.GetManifestResourceStream("openapi-gateway.yaml")!;
        using var reader = new StreamReader(stream);
        var document = Yaml.Read(reader.ReadToEnd());
        document["servers"]![0]!["url"] = string.IsNullOrEmpty(gateway) ? "/" : gateway;
        return document.ToJsonString();
    }
}
