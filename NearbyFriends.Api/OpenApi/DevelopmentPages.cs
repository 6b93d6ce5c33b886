using NearbyFriends.Api.Pages;
using NearbyFriends.ServiceDefaults.Authentication;

namespace NearbyFriends.Api.OpenApi;

/// <summary>
/// What a developer finds in a browser: the API to try out at <c>/docs</c>, signed in as the demo's user where anybody gets tokens; and
/// at <c>/</c>, where the map page was not built, why.
/// </summary>
public static class DevelopmentPages
{
    private const string SignIn = "/docs/signIn.js";

    private const string Missing = """
        <p>The map page is not here: it is built with <a href="https://nodejs.org">Node.js</a> 20.19 or newer, which this build lacked
        (or its packages could not be fetched: then the build said so). Install it and build again; all else works without.</p>
        <ul>
        <li><a href="/docs">The API, to try out</a></li>
        <li><a href="/asyncapi">Sockets and streams</a></li>
        <li><a href="/problems">Problem types</a></li>
        <li><a href="/health">Health</a></li>
        </ul>
        """;

    public static void UseDevelopmentPages(this WebApplication app, bool hasMapPage)
    {
        var givesTokens = app.Services.GivesTokensToAnybody();
        app.UseSwaggerUI(ui =>
        {
            ui.SwaggerEndpoint("/openapi/v1.json", "NearbyFriends v1");
            ui.SwaggerEndpoint(GatewayDocument.Path, "NearbyFriends gateway v1");
            ui.RoutePrefix = "docs";
            ui.DocumentTitle = "NearbyFriends API";
            if (givesTokens)
            {
                ui.InjectJavascript(SignIn);
            }
        });

        if (givesTokens)
        {
            app.MapGet(SignIn, () => TypedResults.Stream(
                typeof(DevelopmentPages).Assembly.GetManifestResourceStream("signIn.js")!, "text/javascript; charset=utf-8")).ExcludeFromDescription();
        }

        if (!hasMapPage)
        {
            app.MapGet("/", () => new HtmlPage("NearbyFriends", Missing)).ExcludeFromDescription();
        }
    }
}
