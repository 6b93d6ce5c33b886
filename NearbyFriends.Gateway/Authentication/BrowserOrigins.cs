using Microsoft.Extensions.Options;

namespace NearbyFriends.Gateway.Authentication;

/// <summary>
/// Which pages may open sockets and streams. Browsers send the page's origin with a WebSocket and enforce nothing
/// themselves; whoever sends none is no browser, and its token decides alone.
/// </summary>
public sealed class BrowserOrigins(IOptions<GatewayOptions> options)
{
    private readonly HashSet<string> _allowed = new(options.Value.Origins, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the request comes from an allowed page, or from no page.</summary>
    public bool Allow(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || Allow(origin);
    }

    /// <summary>Whether pages of this origin are allowed.</summary>
    public bool Allow(string origin) => _allowed.Contains("*") || _allowed.Contains(origin);
}

/// <summary>The same origins for calls and streams, which browsers guard themselves (CORS).</summary>
public static class BrowserOriginsMiddleware
{
    public static IServiceCollection AddBrowserOrigins(this IServiceCollection services) => services.AddCors().AddSingleton<BrowserOrigins>();

    public static void UseBrowserOrigins(this WebApplication app) => app.UseCors(cors => cors
        .SetIsOriginAllowed(app.Services.GetRequiredService<BrowserOrigins>().Allow)
        .AllowAnyHeader()
        .WithExposedHeaders("Retry-After", "Date") // by which clients know when to come back
        .AllowAnyMethod());
}
