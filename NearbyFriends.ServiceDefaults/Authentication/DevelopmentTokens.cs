using System.Globalization;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace NearbyFriends.ServiceDefaults.Authentication;

/// <summary>Issues tokens signed with <c>Auth:SigningKey</c>, for development, demonstrations and tests.</summary>
public sealed class DevelopmentTokens(IOptions<AuthOptions> auth, TimeProvider clock)
{
    /// <summary>How long a token is valid.</summary>
    public TimeSpan Lifetime { get; } = TimeSpan.FromHours(12);

    /// <summary>A token for a user.</summary>
    /// <param name="userId">Becomes the subject, in decimal.</param>
    /// <param name="role">Such as <see cref="OperatorPolicy.Role"/>; none when null.</param>
    /// <exception cref="InvalidOperationException"><c>Auth:SigningKey</c> is not set: a provider issues the tokens.</exception>
    public string Issue(long userId, string? role = null)
    {
        if (auth.Value.SigningKey is not { Length: > 0 } key)
        {
            throw new InvalidOperationException("Auth:SigningKey is not set, so this system issues no tokens.");
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var claims = new Dictionary<string, object> { ["sub"] = userId.ToString(CultureInfo.InvariantCulture) };
        if (role is not null)
        {
            claims["role"] = role;
        }

        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = AuthOptions.DevelopmentIssuer,
            Audience = AuthOptions.DevelopmentAudience,
            Claims = claims,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + Lifetime,
            SigningCredentials = new(BearerTokens.SigningKey(key), SecurityAlgorithms.HmacSha256),
        });
    }
}
