using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace NearbyFriends.LocationCache.Tickets;

/// <summary>What a ticket stands for.</summary>
/// <param name="UserId">The user who opens the socket or stream.</param>
/// <param name="TokenExpiresAt">When the token expires for which the ticket was issued: the session must not outlive it.</param>
public readonly record struct Ticket(long UserId, DateTimeOffset TokenExpiresAt);

/// <summary>
/// Single-use tickets with which browsers open sockets and streams, where they cannot send a token: in the location
/// cache's Redis, <c>ticket:{random}</c> holds 16 bytes (user id, the token's expiry in Unix milliseconds) for 30 s.
/// </summary>
public sealed class TicketStore([FromKeyedServices(LocationCacheOptions.Server)] IConnectionMultiplexer redis, IOptions<LocationCacheOptions> options)
{
    /// <summary>How long a ticket waits for its use.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private const int RandomBytes = 32;
    private const int ValueBytes = 16;
    private const int Attempts = 5;

    private IDatabase Database => redis.GetDatabase();

    /// <summary>A new ticket: 43 characters of base64url. In a cluster, one whose master is unavailable is dropped for another.</summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public async Task<string> IssueAsync(long userId, DateTimeOffset tokenExpiresAt)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await SaveNewAsync(userId, tokenExpiresAt);
            }
            catch (Exception e) when (e is RedisException or TimeoutException && options.Value.Cluster && attempt < Attempts)
            {
                // Another random key most likely belongs to another master.
            }
        }
    }

    /// <summary>Takes the ticket away and says what it stood for; null when it is unknown, expired or used.</summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public async Task<Ticket?> RedeemAsync(string ticket)
    {
        if (!Base64Url.IsValid(ticket, out var length) || length != RandomBytes)
        {
            return null;
        }

        var value = (byte[]?)await Database.StringGetDeleteAsync(Key(ticket));
        return value is { Length: ValueBytes }
            ? new Ticket(
                BinaryPrimitives.ReadInt64BigEndian(value),
                DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(value.AsSpan(8))))
            : null;
    }

    private async Task<string> SaveNewAsync(long userId, DateTimeOffset tokenExpiresAt)
    {
        var ticket = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        var value = new byte[ValueBytes];
        BinaryPrimitives.WriteInt64BigEndian(value, userId);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(8), tokenExpiresAt.ToUnixTimeMilliseconds());
        await Database.StringSetAsync(Key(ticket), value, Lifetime);
        return ticket;
    }

    private static RedisKey Key(string ticket) => $"ticket:{ticket}";
}
