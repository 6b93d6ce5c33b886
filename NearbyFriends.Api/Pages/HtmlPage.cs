namespace NearbyFriends.Api.Pages;

/// <summary>A page of text for people who write clients: no script, and no file but itself.</summary>
/// <param name="title">Plain text.</param>
/// <param name="body">HTML below the heading.</param>
public sealed class HtmlPage(string title, string body) : IResult
{
    private const string Style = """
        :root { color-scheme: light dark; --line: light-dark(#d9dee5, #3a424d); --quiet: light-dark(#56606d, #a0abb8); --ground: light-dark(#f4f6f9, #1b2027) }
        body { max-width: 64rem; margin: 0 auto; padding: 1.5rem; font: 1rem/1.55 system-ui, sans-serif; background: light-dark(#fff, #12161b) }
        a { color: light-dark(#0b5cad, #7db8f5) }
        h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
        h3 { margin: 2rem 0 .25rem }
        nav { color: var(--quiet) }
        code, pre { font: .9em ui-monospace, monospace; background: var(--ground); border-radius: .25rem }
        code { padding: .1em .3em; overflow-wrap: anywhere }
        pre { padding: .75rem 1rem; overflow-x: auto }
        table { width: 100%; border-collapse: collapse; margin: .75rem 0 }
        th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
        th { color: var(--quiet); font-weight: 600 }
        td > p { margin: 0 }
        td:first-child code { overflow-wrap: normal }
        main { overflow-x: auto }
        @media (min-width: 50rem) { th:first-child { width: 14rem } }
        @media (max-width: 40rem) {
          body { padding: 1rem }
          table, tbody, tr, th, td { display: block }
          tr { padding: .5rem 0; border-bottom: 1px solid var(--line) }
          tr:not(:has(td)) { display: none }
          th, td { padding: .1rem 0; border: 0 }
          td:first-child code { overflow-wrap: anywhere }
        }
        """;

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        return TypedResults.Content(Html(), "text/html; charset=utf-8").ExecuteAsync(httpContext);
    }

    private string Html() => $"""
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>{HtmlText.FromPlain(title)} · NearbyFriends</title>
        <style>
        {Style}
        </style>
        <body>
        <main>
        <h1>{HtmlText.FromPlain(title)}</h1>
        {body}
        </main>
        </body>
        </html>

        """;
}
