using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace NearbyFriends.BrowserTests;

/// <summary>
/// A small OpenID Connect provider: a form instead of a password, the authorization code flow with PKCE (S256) for one public client,
/// refresh tokens that are good once. It refuses what the standards tell it to refuse.
/// </summary>
internal sealed class Issuer : IAsyncDisposable
{
    public const string Audience = "nearbyfriends-app";
    public const string ClientId = "the-page";

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly RsaSecurityKey _key;
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Grant> _codes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _refreshTokens = new(StringComparer.Ordinal);

    private Issuer()
    {
        _key = new(_rsa) { KeyId = "the-key" };
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            context.Response.Headers.AccessControlAllowOrigin = "*"; // pages of other origins ask for tokens
            return next(context);
        });
        _app.MapGet("/.well-known/openid-configuration", () => Results.Json(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["issuer"] = Url,
            ["jwks_uri"] = $"{Url}/keys",
            ["authorization_endpoint"] = $"{Url}/authorize",
            ["token_endpoint"] = $"{Url}/token",
            ["end_session_endpoint"] = $"{Url}/logout",
        }));
        _app.MapGet("/keys", Keys);
        _app.MapGet("/authorize", (HttpRequest request) => AskWho(request.Query));
        _app.MapPost("/authorize", (HttpRequest request) => SendBack(request.Query, request.Form["name"]!));
        _app.MapPost("/token", (HttpRequest request) => GiveTokens(request.Form));
        _app.MapGet("/logout", (string client_id, string post_logout_redirect_uri) =>
            client_id == ClientId ? Results.Redirect(post_logout_redirect_uri) : Results.BadRequest());
    }

    public string Url => _app.Urls.Single();

    /// <summary>How often a refresh token was taken.</summary>
    public int Refreshes { get; private set; }

    public static async Task<Issuer> StartAsync()
    {
        var issuer = new Issuer();
        await issuer._app.StartAsync();
        return issuer;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _rsa.Dispose();
    }

    private static IResult AskWho(IQueryCollection asked) =>
        asked["client_id"] == ClientId && asked["response_type"] == "code" && asked["code_challenge_method"] == "S256" && asked["code_challenge"].ToString().Length == 43
            ? Results.Content("<!doctype html><title>Issuer</title><form method=post><label>Your name <input name=name></label><button>Continue</button></form>", "text/html")
            : Results.BadRequest();

    private IResult SendBack(IQueryCollection asked, string name)
    {
        var code = Guid.NewGuid().ToString("N");
        var redirect = asked["redirect_uri"].ToString();
        _codes[code] = new(name, redirect, asked["code_challenge"]!);
        return Results.Redirect($"{redirect}?code={code}&state={Uri.EscapeDataString(asked["state"]!)}&iss={Uri.EscapeDataString(Url)}");
    }

    private IResult GiveTokens(IFormCollection asked)
    {
        var name = asked["grant_type"].ToString() switch
        {
            "authorization_code" when _codes.TryRemove(asked["code"]!, out var grant) && grant.IsFor(asked["redirect_uri"]!, asked["code_verifier"]!) => grant.Name,
            "refresh_token" when _refreshTokens.TryRemove(asked["refresh_token"]!, out var known) => Refreshed(known),
            _ => null,
        };
        if (name is null || asked["client_id"] != ClientId)
        {
            return Results.BadRequest(new { error = "invalid_grant" });
        }

        var refreshToken = Guid.NewGuid().ToString("N");
        _refreshTokens[refreshToken] = name;
        return Results.Json(new { access_token = Token(name), token_type = "Bearer", expires_in = 300, refresh_token = refreshToken });
    }

    private string Refreshed(string name)
    {
        Refreshes++;
        return name;
    }

    private string Token(string name) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Url,
        Audience = Audience,
        Subject = new ClaimsIdentity([new Claim("sub", $"subject-of-{name}")]),
        Expires = DateTime.UtcNow.AddMinutes(5),
        SigningCredentials = new(_key, SecurityAlgorithms.RsaSha256),
    });

    private IResult Keys()
    {
        var key = _rsa.ExportParameters(includePrivateParameters: false);
        return Results.Json(new
        {
            keys = new[]
            {
                new { kty = "RSA", use = "sig", alg = "RS256", kid = _key.KeyId, n = Base64UrlEncoder.Encode(key.Modulus), e = Base64UrlEncoder.Encode(key.Exponent) },
            },
        });
    }

    private sealed record Grant(string Name, string RedirectUri, string Challenge)
    {
        public bool IsFor(string redirectUri, string verifier) =>
            redirectUri == RedirectUri && Base64UrlEncoder.Encode(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(verifier))) == Challenge;
    }
}
