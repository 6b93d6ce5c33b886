using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using NearbyFriends.LocationCache.Tickets;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.Authentication;

/// <summary>Who opened a connection.</summary>
/// <param name="UserId">The user; one that may not exist any more.</param>
/// <param name="TokenExpiresAt">Unix milliseconds at which the token ends, and with it the session.</param>
public readonly record struct Caller(long UserId, long TokenExpiresAt);

/// <summary>Finds the user behind a bearer token, or behind the ticket that a browser sends instead.</summary>
public sealed class Callers(IFriendSource friends, TicketStore tickets, IOptionsMonitor<JwtBearerOptions> bearer)
{
    /// <summary>A user that no friend source has: a valid token whose subject is unknown.</summary>
    public const long Unknown = 0;

    private const string Bearer = "Bearer ";

    /// <summary>
    /// The caller of a request: by ticket where the query has one, else by bearer token. A caller of null with
    /// <c>ByTicket</c> is a ticket that is used, expired, or none.
    /// </summary>
    public async Task<(Caller? Caller, bool ByTicket)> IdentifyAsync(HttpContext http)
    {
        if (http.Request.QueryString.HasValue && http.Request.Query.TryGetValue("ticket", out var ticket)) // to look makes a collection that stays
        {
            return await tickets.RedeemAsync(ticket.ToString()) is { } redeemed
                ? (new Caller(redeemed.UserId, redeemed.TokenExpiresAt.ToUnixTimeMilliseconds()), true)
                : (null, true);
        }

        // Not by the request's authentication, which would keep ticket, claims and token as long as the connection.
        var authorization = http.Request.Headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? (await ValidateAsync(authorization[Bearer.Length..].Trim()), false)
            : (null, false);
    }

    /// <summary>The caller whom a raw access token stands for; null when it is expired or not valid.</summary>
    public async Task<Caller?> ValidateAsync(string accessToken)
    {
        var options = bearer.Get(JwtBearerDefaults.AuthenticationScheme);
        var parameters = options.TokenValidationParameters.Clone();
        parameters.ConfigurationManager ??= options.ConfigurationManager as BaseConfigurationManager;
        var result = await options.TokenHandlers[0].ValidateTokenAsync(accessToken, parameters);
        return result.IsValid ? await CallerOfAsync((JsonWebToken)result.SecurityToken) : null;
    }

    // By the token itself: its claims would be made into an identity, which costs more than its signature.
    private async Task<Caller> CallerOfAsync(JsonWebToken token)
    {
        var userId = token.Subject is { Length: > 0 } subject ? await friends.FindBySubjectAsync(subject, CancellationToken.None) : null;
        return new Caller(userId ?? Unknown, new DateTimeOffset(token.ValidTo).ToUnixTimeMilliseconds());
    }
}
