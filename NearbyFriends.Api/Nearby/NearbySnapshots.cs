using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using NearbyFriends.LocationCache;
using StackExchange.Redis;

namespace NearbyFriends.Api.Nearby;

/// <summary>A place in a snapshot: the ids from <paramref name="Offset"/> on have not been shown. Opaque to clients.</summary>
public readonly record struct NearbyCursor(Guid Snapshot, int Offset)
{
    private const int Bytes = 20;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        Snapshot.TryWriteBytes(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes[16..], Offset);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string? text, out NearbyCursor cursor)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        if (!Base64Url.IsValid(text, out var length) || length != Bytes || !Base64Url.TryDecodeFromChars(text, bytes, out _))
        {
            cursor = default;
            return false;
        }

        cursor = new(new Guid(bytes[..16]), BinaryPrimitives.ReadInt32BigEndian(bytes[16..]));
        return cursor.Offset >= 0;
    }
}

/// <summary>Who was nearby when a first page was made.</summary>
/// <param name="RadiusMetres">The radius that was asked for.</param>
/// <param name="Ids">Everybody inside it, nearest first.</param>
public sealed record NearbySnapshot(double RadiusMetres, long[] Ids);

/// <summary>
/// Keeps the order of a nearby list for its later pages: <c>nearby:{user}:{snapshot}</c> in the location cache's Redis
/// holds the radius and the ids, 8 bytes each, for 5 minutes. A list of one page leaves nothing there.
/// </summary>
public sealed class NearbySnapshots([FromKeyedServices(LocationCacheOptions.Server)] IConnectionMultiplexer redis)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public async Task<Guid> SaveAsync(long userId, NearbySnapshot snapshot)
    {
        var id = new Guid(RandomNumberGenerator.GetBytes(16));
        var value = new byte[sizeof(double) + (sizeof(long) * snapshot.Ids.Length)];
        BinaryPrimitives.WriteDoubleLittleEndian(value, snapshot.RadiusMetres);
        MemoryMarshal.AsBytes(snapshot.Ids.AsSpan()).CopyTo(value.AsSpan(sizeof(double)));
        await redis.GetDatabase().StringSetAsync(Key(userId, id), value, Lifetime);
        return id;
    }

    /// <summary>The user's own snapshot; null when it is gone.</summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public async Task<NearbySnapshot?> FindAsync(long userId, Guid id)
    {
        var value = (byte[]?)await redis.GetDatabase().StringGetAsync(Key(userId, id));
        return value is null
            ? null
            : new(BinaryPrimitives.ReadDoubleLittleEndian(value), MemoryMarshal.Cast<byte, long>(value.AsSpan(sizeof(double))).ToArray());
    }

    private static RedisKey Key(long userId, Guid id) => $"nearby:{userId}:{id:N}";
}
