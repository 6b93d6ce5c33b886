using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace NearbyFriends.ServiceDefaults.Authentication;

/// <summary>
/// Who may operate the system: a token with the role <c>operator</c>, or the header <c>X-Operator-Key</c> with the value
/// of <c>Auth:OperatorKey</c>. After ten wrong keys within a minute no key from that address counts until the minute is over.
/// </summary>
/// <example><code>app.MapGroup("/v1/ops").RequireAuthorization(OperatorPolicy.Name);</code></example>
public static class OperatorPolicy
{
    public const string Name = "Operator";

    public const string Role = "operator";

    public const string Header = "X-Operator-Key";

    internal static void Build(AuthorizationPolicyBuilder policy) => policy.AddRequirements(new Requirement());

    private sealed class Requirement : IAuthorizationRequirement;

    /// <summary>Checks the policy.</summary>
    internal sealed class Handler(IOptions<AuthOptions> auth, WrongKeys wrong) : IAuthorizationHandler
    {
        public Task HandleAsync(AuthorizationHandlerContext context)
        {
            foreach (var requirement in context.PendingRequirements.OfType<Requirement>())
            {
                if (context.User.IsInRole(Role) || (context.Resource is HttpContext http && HasKey(http)))
                {
                    context.Succeed(requirement);
                }
            }

            return Task.CompletedTask;
        }

        private bool HasKey(HttpContext http)
        {
            var address = http.Connection.RemoteIpAddress;
            if (auth.Value.OperatorKey is not { Length: > 0 } key || http.Request.Headers[Header] is not [{ Length: > 0 } sent] || wrong.AreTooMany(address))
            {
                return false;
            }

            // Hashes have one length, and comparing them takes one time, whatever was sent.
            if (CryptographicOperations.FixedTimeEquals(Hash(key), Hash(sent)))
            {
                return true;
            }

            wrong.Add(address);
            return false;
        }

        private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
    }
}
