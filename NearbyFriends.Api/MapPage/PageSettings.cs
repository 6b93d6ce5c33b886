using Microsoft.Extensions.Options;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Api.MapPage;

/// <summary>What the page asks for first, at <c>/config.json</c>.</summary>
/// <param name="Gateway">Base address of the gateway; null where it is the page's own.</param>
/// <param name="Style">Address of a MapLibre style; null: the ground that comes with the page.</param>
/// <param name="DarkStyle">The same for dark screens.</param>
/// <param name="Development">Whether anyone can be logged in by name.</param>
/// <param name="MinRadiusMetres">The smallest radius that a gateway accepts.</param>
/// <param name="MaxRadiusMetres">The largest.</param>
public sealed record PageSettings(string? Gateway, string? Style, string? DarkStyle, bool Development, int MinRadiusMetres, int MaxRadiusMetres)
{
    // As in the contract's `radius` message.
    private const int SmallestRadiusMetres = 100;

    public static PageSettings From(IServiceProvider services)
    {
        var page = services.GetRequiredService<IOptions<MapPageOptions>>().Value;
        return new(
            NullIfEmpty(page.Gateway)?.TrimEnd('/'),
            NullIfEmpty(page.Style),
            NullIfEmpty(page.DarkStyle) ?? NullIfEmpty(page.Style),
            services.GetRequiredService<IHostEnvironment>().IsDevelopment(),
            SmallestRadiusMetres,
            services.GetRequiredService<IOptions<PresenceOptions>>().Value.MaxRadiusMetres);
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
