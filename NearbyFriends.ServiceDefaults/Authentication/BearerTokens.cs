using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace NearbyFriends.ServiceDefaults.Authentication;

/// <summary>
/// How bearer tokens are checked: here, without asking the issuer for each. Claims keep the names that they have in
/// the token (<c>sub</c>, <c>role</c>).
/// </summary>
internal sealed class BearerTokens(IOptions<AuthOptions> auth, IHostEnvironment environment, TimeProvider clock)
    : IConfigureNamedOptions<JwtBearerOptions>
{
    /// <summary>How far the clocks of issuer and service may differ.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    public void Configure(JwtBearerOptions options) => Configure(JwtBearerDefaults.AuthenticationScheme, options);

    public void Configure(string? name, JwtBearerOptions options)
    {
        options.MapInboundClaims = false;
        options.TokenValidationParameters = new()
        {
            NameClaimType = "sub",
            RoleClaimType = "role",
            ClockSkew = ClockSkew,
            LifetimeValidator = IsCurrent,
        };
        if (auth.Value.SigningKey is { Length: > 0 } key)
        {
            options.TokenValidationParameters.ValidIssuer = AuthOptions.DevelopmentIssuer;
            options.TokenValidationParameters.ValidAudience = AuthOptions.DevelopmentAudience;
            options.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.HmacSha256];
            options.TokenValidationParameters.IssuerSigningKeys =
                auth.Value.PreviousSigningKey is { Length: > 0 } previous ? [SigningKey(key), SigningKey(previous)] : [SigningKey(key)];
        }
        else
        {
            options.Authority = auth.Value.Authority;
            options.Audience = auth.Value.Audience;
            options.RequireHttpsMetadata = !environment.IsDevelopment();
        }
    }

    internal static SymmetricSecurityKey SigningKey(string key) => new(Encoding.UTF8.GetBytes(key));

    private bool IsCurrent(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return expires > now - ClockSkew && !(notBefore > now + ClockSkew);
    }
}
