using Microsoft.Extensions.Options;

namespace NearbyFriends.Api.MapPage;

/// <summary>Configuration section <c>Web</c>: the map page, and what its browser needs to know.</summary>
public sealed record MapPageOptions
{
    public const string Section = "Web";

    /// <summary>Whether the page is served; default: in Development, where it can log anyone in.</summary>
    public bool? Enabled { get; init; }

    /// <summary>The folder of the built page; default: <c>web</c> beside the program, where the build puts it.</summary>
    public string? Root { get; init; }

    /// <summary>Where browsers reach a gateway: an absolute http(s) address; default: the page's own, as behind one proxy for both.</summary>
    public string? Gateway { get; init; }

    /// <summary>A MapLibre style, absolute http(s) address; default: the ground that comes with the page, which needs no network.</summary>
    public string? Style { get; init; }

    /// <summary>The style of dark screens; default: <see cref="Style"/>.</summary>
    public string? DarkStyle { get; init; }

    /// <summary>Origins of tiles, glyphs and sprites that a style loads from elsewhere than its own address.</summary>
    public IReadOnlyList<string> StyleOrigins { get; init; } = [];

    /// <summary>How the page signs people in at <c>Auth:Authority</c>.</summary>
    public PageSignInOptions SignIn { get; init; } = new();
}

/// <summary>Configuration section <c>Web:SignIn</c>: the page as a public client of the OpenID Connect provider (authorization code flow with PKCE).</summary>
public sealed record PageSignInOptions
{
    /// <summary>What the provider knows the page as; default: nobody can sign in on the page.</summary>
    public string? ClientId { get; init; }

    /// <summary>
    /// What is asked for, separated by spaces; must lead to a JWT as access token with the audience <c>Auth:Audience</c>, and to a
    /// refresh token where people are to stay signed in for longer than an access token lives.
    /// </summary>
    public string Scope { get; init; } = "openid";

    /// <summary>Further parameters of the authorization request, such as <c>audience</c> or <c>resource</c>.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Origins of the provider's endpoints where they are not that of <c>Auth:Authority</c>.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];
}

/// <summary>Stops an Api whose page could reach nothing, with a sentence that names the setting.</summary>
internal sealed class ValidateMapPageOptions : IValidateOptions<MapPageOptions>
{
    public ValidateOptionsResult Validate(string? name, MapPageOptions options)
    {
        var errors = new[] { ("Gateway", options.Gateway), ("Style", options.Style), ("DarkStyle", options.DarkStyle) }
            .Concat(options.StyleOrigins.Select((origin, index) => ($"StyleOrigins:{index}", (string?)origin)))
            .Concat(options.SignIn.Origins.Select((origin, index) => ($"SignIn:Origins:{index}", (string?)origin)))
            .Where(setting => !string.IsNullOrEmpty(setting.Item2) && !IsAddress(setting.Item2))
            .Select(setting => $"Web:{setting.Item1} is '{setting.Item2}'; it must be an absolute http or https address.")
            .ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps);
}
