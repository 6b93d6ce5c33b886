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
}

/// <summary>Stops an Api whose page could reach nothing, with a sentence that names the setting.</summary>
internal sealed class ValidateMapPageOptions : IValidateOptions<MapPageOptions>
{
    public ValidateOptionsResult Validate(string? name, MapPageOptions options)
    {
        var errors = new[] { ("Gateway", options.Gateway), ("Style", options.Style), ("DarkStyle", options.DarkStyle) }
            .Concat(options.StyleOrigins.Select((origin, index) => ($"StyleOrigins:{index}", (string?)origin)))
            .Where(setting => !string.IsNullOrEmpty(setting.Item2) && !IsAddress(setting.Item2))
            .Select(setting => $"Web:{setting.Item1} is '{setting.Item2}'; it must be an absolute http or https address.")
            .ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps);
}
