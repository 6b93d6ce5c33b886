using Microsoft.Extensions.Options;
using NearbyFriends.LocationCache;
using NearbyFriends.ServiceDefaults.Authentication;

namespace NearbyFriends.Api.MapPage;

/// <summary>What the page asks for first, at <c>/config.json</c>.</summary>
/// <param name="Gateway">Base address of the gateway; null where it is the page's own.</param>
/// <param name="Style">Address of a MapLibre style; null: the ground that comes with the page.</param>
/// <param name="DarkStyle">The same for dark screens.</param>
/// <param name="Development">Whether anyone can be logged in by name.</param>
/// <param name="SignIn">The provider that people sign in at; null where the page is no client of one.</param>
/// <param name="MinRadiusMetres">The smallest radius that a gateway accepts.</param>
/// <param name="MaxRadiusMetres">The largest.</param>
public sealed record PageSettings(
    string? Gateway, string? Style, string? DarkStyle, bool Development, PageSignIn? SignIn, int MinRadiusMetres, int MaxRadiusMetres)
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
            services.GivesTokensToAnybody(),
            PageSignIn.From(page.SignIn, services.GetRequiredService<IOptions<AuthOptions>>().Value),
            SmallestRadiusMetres,
            services.GetRequiredService<IOptions<PresenceOptions>>().Value.MaxRadiusMetres);
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

/// <summary>An OpenID Connect provider, and the page as its client.</summary>
/// <param name="Authority">Address of the provider.</param>
/// <param name="ClientId">What it knows the page as.</param>
/// <param name="Scope">What the page asks for, separated by spaces.</param>
/// <param name="Parameters">Further parameters of the authorization request.</param>
public sealed record PageSignIn(string Authority, string ClientId, string Scope, IReadOnlyDictionary<string, string> Parameters)
{
    internal static PageSignIn? From(PageSignInOptions page, AuthOptions auth) =>
        auth.Authority is { Length: > 0 } authority && page.ClientId is { Length: > 0 } clientId
            ? new(authority, clientId, page.Scope, page.Parameters)
            : null;
}
