using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
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
public sealed class TicketStore(CacheServers servers)
{
    /// <summary>How long a ticket waits for its use.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private const int RandomBytes = 32;
    private const int ValueBytes = 16;
    private const int Attempts = 5;

    /// <summary>A new ticket: 43 characters of base64url. One whose shard is away is thrown away for another.</summary>
    /// <exception cref="RedisException">The cache is away.</exception>
    public async Task<string> IssueAsync(long userId, DateTimeOffset tokenExpiresAt)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await SaveNewAsync(userId, tokenExpiresAt);
            }
            catch (Exception e) when (CacheShard.IsAway(e) && servers.Shards.Count > 1 && attempt < Attempts)
            {
                // Another ticket, by chance, lies elsewhere.
            }
        }
    }

    /// <summary>Takes the ticket away and says what it stood for; null when it is unknown, expired or used.</summary>
    /// <exception cref="RedisException">The cache is away.</exception>
    public async Task<Ticket?> RedeemAsync(string ticket)
    {
        if (!Base64Url.IsValid(ticket, out var length) || length != RandomBytes)
            return null;

        var value = (byte[]?)await servers.Of(ticket).Database.StringGetDeleteAsync(Key(ticket));
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
        await servers.Of(ticket).Database.StringSetAsync(Key(ticket), value, Lifetime);
        return ticket;
    }

    private static RedisKey Key(string ticket) => $"ticket:{ticket}";
}
