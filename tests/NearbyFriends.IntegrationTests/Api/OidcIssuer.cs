using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>An OpenID Connect issuer such as a production system has: discovery document, keys, tokens with opaque subjects.</summary>
public sealed class OidcIssuer : IAsyncDisposable
{
    private const string Audience = "nearbyfriends-app";

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly X509Certificate2 _certificate;
    private readonly WebApplication _app;
    private readonly RsaSecurityKey _key;

    private OidcIssuer()
    {
        _certificate = SelfSigned(_rsa);
        _key = new RsaSecurityKey(_rsa) { KeyId = "the-key" };
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_certificate)));
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapGet("/.well-known/openid-configuration", () => Results.Json(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["issuer"] = Url,
            ["jwks_uri"] = $"{Url}/keys",
            ["authorization_endpoint"] = $"{Url}/authorize",
            ["token_endpoint"] = $"{Url}/token",
        }));
        var publicKey = _rsa.ExportParameters(includePrivateParameters: false);
        _app.MapGet("/keys", () => Results.Json(new
        {
            keys = new[]
            {
                new { kty = "RSA", use = "sig", alg = "RS256", kid = _key.KeyId, n = Base64UrlEncoder.Encode(publicKey.Modulus), e = Base64UrlEncoder.Encode(publicKey.Exponent) },
            },
        }));
    }

    public string Url => _app.Urls.Single();

    public static async Task<OidcIssuer> StartAsync()
    {
        var issuer = new OidcIssuer();
        await issuer._app.StartAsync();
        return issuer;
    }

    /// <summary>These settings, with this issuer in place of our own tokens.</summary>
    public Dictionary<string, string> Settings(IReadOnlyDictionary<string, string> settings)
    {
        var changed = new Dictionary<string, string>(settings, StringComparer.Ordinal) { ["Auth:Authority"] = Url, ["Auth:Audience"] = Audience };
        changed.Remove("Auth:SigningKey");
        return changed;
    }

    /// <summary>Lets a service fetch the keys although nobody vouches for the issuer's certificate.</summary>
    public void Trust(IServiceCollection services) => services.Configure<JwtBearerOptions>(
        JwtBearerDefaults.AuthenticationScheme,
        bearer => bearer.BackchannelHttpHandler = new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, sent, _, _) => sent?.GetCertHashString() == _certificate.GetCertHashString() },
        });

    public string Token(string subject) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Url,
        Audience = Audience,
        Subject = new ClaimsIdentity([new Claim("sub", subject)]),
        Expires = DateTime.UtcNow.AddMinutes(5),
        SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
    });

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
        _rsa.Dispose();
    }

    private static X509Certificate2 SelfSigned(RSA key)
    {
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
