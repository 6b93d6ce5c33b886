namespace NearbyFriends.Api.MapPage;

/// <summary>What browsers are told about the page: whom it may talk to, and how long its files are good.</summary>
internal static class PageHeaders
{
    private const string ForAYear = "public, max-age=31536000, immutable";

    /// <summary>Only our own scripts and styles, and no address but ours, the gateway's, the map style's and the sign-in's.</summary>
    public static string ContentSecurityPolicy(MapPageOptions options, PageSignIn? signIn)
    {
        var others = new[] { options.Gateway, options.Style, options.DarkStyle }
            .Concat(options.StyleOrigins)
            .Concat(signIn is null ? [] : options.SignIn.Origins.Prepend(signIn.Authority))
            .Where(address => !string.IsNullOrEmpty(address))
            .Select(address => new Uri(address!).GetLeftPart(UriPartial.Authority));
        if (!string.IsNullOrEmpty(options.Gateway))
        {
            others = others.Append(SocketOrigin(new Uri(options.Gateway)));
        }

        return "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; img-src 'self' data: blob:; "
            + $"connect-src {string.Join(' ', others.Distinct(StringComparer.Ordinal).Prepend("'self'"))}; "
            + "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    }

    /// <summary>For every answer of the page, found or not.</summary>
    public static void Secure(IHeaderDictionary headers, string policy)
    {
        headers.ContentSecurityPolicy = policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "geolocation=(self), camera=(), microphone=()";
    }

    /// <summary>The build puts a hash of its content into the name of every file in <c>assets</c>; the others keep their names.</summary>
    public static string CacheControl(PathString path) => path.StartsWithSegments("/assets", StringComparison.Ordinal) ? ForAYear : "no-cache";

    private static string SocketOrigin(Uri gateway) =>
        $"{(gateway.Scheme == Uri.UriSchemeHttps ? "wss" : "ws")}://{gateway.Authority}";
}
