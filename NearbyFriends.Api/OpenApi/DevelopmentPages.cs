using System.Net;

namespace NearbyFriends.Api.OpenApi;

/// <summary>What a developer finds in a browser: the API to try out at <c>/docs</c>, and at <c>/</c> where everything is.</summary>
public static class DevelopmentPages
{
    /// <summary>Section <c>Links</c> names further pages of the system, such as <c>Links:Map=http://localhost:5000</c>.</summary>
    public static void UseDevelopmentPages(this WebApplication app)
    {
        app.UseSwaggerUI(ui =>
        {
            ui.SwaggerEndpoint("/openapi/v1.json", "NearbyFriends v1");
            ui.RoutePrefix = "docs";
            ui.DocumentTitle = "NearbyFriends API";
        });

        var links = app.Configuration.GetSection("Links").GetChildren()
            .Where(link => Uri.TryCreate(link.Value, UriKind.Absolute, out _))
            .Select(link => (link.Value!, link.Key))
            .Concat([("/docs", "The API, to try out"), ("/openapi/v1.json", "OpenAPI document"), ("/health", "Health")])
            .Select(link => $"<li><a href=\"{WebUtility.HtmlEncode(link.Item1)}\">{WebUtility.HtmlEncode(link.Item2)}</a></li>");
        var page = $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>NearbyFriends</title><h1>NearbyFriends</h1><ul>{string.Concat(links)}</ul></html>";
        app.MapGet("/", () => TypedResults.Content(page, "text/html; charset=utf-8")).ExcludeFromDescription();
    }
}
