using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace NearbyFriends.ServiceDefaults.Authentication;

/// <summary>
/// Configuration section <c>Auth</c>: who issues the tokens. Either an OpenID Connect provider (<see cref="Authority"/>,
/// <see cref="Audience"/>), or this system itself for development (<see cref="SigningKey"/>).
/// </summary>
public sealed record AuthOptions
{
    public const string Section = "Auth";

    /// <summary>Issuer of development tokens.</summary>
    public const string DevelopmentIssuer = "nearbyfriends";

    /// <summary>Audience of development tokens.</summary>
    public const string DevelopmentAudience = "nearbyfriends";

    /// <summary>The key of development tokens (HS256): any text of at least 32 bytes in UTF-8.</summary>
    public string? SigningKey { get; init; }

    /// <summary>
    /// The key before it, while keys change: tokens signed with it are still taken, none is issued. Give every process the new
    /// key as this one first, then swap the two, and drop the old one when its last token has expired.
    /// </summary>
    public string? PreviousSigningKey { get; init; }

    /// <summary>The provider's address, which is also the issuer of its tokens; https, outside Development.</summary>
    public string? Authority { get; init; }

    /// <summary>Whom the provider's tokens must be for.</summary>
    public string? Audience { get; init; }

    /// <summary>What an operator without a token sends in <c>X-Operator-Key</c>, at least 16 characters; nobody may when null.</summary>
    public string? OperatorKey { get; init; }
}

/// <summary>Stops a service whose tokens nobody could check, with a sentence that names the setting.</summary>
internal sealed class ValidateAuthOptions(IHostEnvironment environment) : IValidateOptions<AuthOptions>
{
    private const int SmallestSigningKeyBytes = 32;
    private const int ShortestOperatorKey = 16;

    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        List<string> errors = [.. IssuerErrors(options)];
        if (options.PreviousSigningKey is { Length: > 0 } previous && Encoding.UTF8.GetByteCount(previous) < SmallestSigningKeyBytes)
        {
            errors.Add($"Auth:PreviousSigningKey must have at least {SmallestSigningKeyBytes} bytes.");
        }

        if (options.OperatorKey is { Length: < ShortestOperatorKey })
        {
            errors.Add($"Auth:OperatorKey must have at least {ShortestOperatorKey} characters.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private IEnumerable<string> IssuerErrors(AuthOptions options)
    {
        var (signingKey, authority) = (options.SigningKey, options.Authority);
        if (string.IsNullOrEmpty(signingKey) && string.IsNullOrEmpty(authority))
        {
            yield return "Auth:Authority is not set; it must be the address of the provider that issues the tokens "
                + "(or, in development, Auth:SigningKey the key of tokens that this system issues).";
        }
        else if (!string.IsNullOrEmpty(signingKey) && !string.IsNullOrEmpty(authority))
        {
            yield return "Auth:SigningKey and Auth:Authority are both set; tokens come from one of them only.";
        }
        else if (!string.IsNullOrEmpty(signingKey))
        {
            if (Encoding.UTF8.GetByteCount(signingKey) < SmallestSigningKeyBytes)
            {
                yield return $"Auth:SigningKey must have at least {SmallestSigningKeyBytes} bytes.";
            }
        }
        else
        {
            if (!IsAddress(authority!))
            {
                yield return $"Auth:Authority is '{authority}'; it must be an absolute https address.";
            }

            if (string.IsNullOrEmpty(options.Audience))
            {
                yield return "Auth:Audience is not set; it must name the audience of the tokens of Auth:Authority.";
            }
        }
    }

    private bool IsAddress(string authority) =>
        Uri.TryCreate(authority, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && environment.IsDevelopment()));
}
