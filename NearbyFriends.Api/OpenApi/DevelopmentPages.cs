namespace NearbyFriends.Api.OpenApi;

/// <summary>What a developer finds in a browser: the API to try out at <c>/docs</c>; and at <c>/</c>, where the map page was not built, why.</summary>
public static class DevelopmentPages
{
    private const string Missing =
        "The map page is not here: it is built with <a href=\"https://nodejs.org\">Node.js</a> 20.19 or newer, which this build lacked "
        + "(or its packages could not be fetched: then the build said so). Install it and build again; all else works without.";

    private const string Page = $"""
        <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>NearbyFriends</title>
        <body><main><h1>NearbyFriends</h1><p>{Missing}</p><ul>
        <li><a href="/docs">The API, to try out</a></li>
        <li><a href="/openapi/v1.json">OpenAPI document</a></li>
        <li><a href="/health">Health</a></li>
        </ul></main></body></html>
        """;

    public static void UseDevelopmentPages(this WebApplication app, bool hasMapPage)
    {
        app.UseSwaggerUI(ui =>
        {
            ui.SwaggerEndpoint("/openapi/v1.json", "NearbyFriends v1");
            ui.RoutePrefix = "docs";
            ui.DocumentTitle = "NearbyFriends API";
        });

        if (!hasMapPage)
        {
            app.MapGet("/", () => TypedResults.Content(Page, "text/html; charset=utf-8")).ExcludeFromDescription();
        }
    }
}
