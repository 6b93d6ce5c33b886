using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using NearbyFriends.Core;
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
/// Keeps the order of a nearby list for its later pages: <c>nearby:{user}</c> in the location cache's Redis is a list of the
/// user's last four, each with its id, when it ends, its radius, and the ids of friends, 8 bytes each. A list of one page leaves
/// nothing there.
/// </summary>
/// <remarks>Whoever asks for lists without end holds four: 160 KB with 5,000 friends nearby.</remarks>
public sealed class NearbySnapshots([FromKeyedServices(LocationCacheOptions.Server)] IConnectionMultiplexer redis, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private const int Kept = 4;
    private const int IdBytes = 16;
    private const int HeaderBytes = IdBytes + sizeof(long) + sizeof(double);

    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public async Task<Guid> SaveAsync(long userId, NearbySnapshot snapshot)
    {
        var id = new Guid(RandomNumberGenerator.GetBytes(IdBytes));
        var value = new byte[HeaderBytes + (sizeof(long) * snapshot.Ids.Length)];
        id.TryWriteBytes(value);
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(IdBytes), clock.UnixMilliseconds() + (long)Lifetime.TotalMilliseconds);
        BinaryPrimitives.WriteDoubleLittleEndian(value.AsSpan(IdBytes + sizeof(long)), snapshot.RadiusMetres);
        MemoryMarshal.AsBytes(snapshot.Ids.AsSpan()).CopyTo(value.AsSpan(HeaderBytes));

        var database = redis.GetDatabase();
        var pushed = database.ListLeftPushAsync(Key(userId), value);
        var trimmed = database.ListTrimAsync(Key(userId), 0, Kept - 1);
        var timed = database.KeyExpireAsync(Key(userId), Lifetime);
        await Task.WhenAll(pushed, trimmed, timed);
        return id;
    }

    /// <summary>The user's own snapshot; null when it is gone.</summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public async Task<NearbySnapshot?> FindAsync(long userId, Guid id)
    {
        foreach (byte[]? value in await redis.GetDatabase().ListRangeAsync(Key(userId)))
        {
            if (value is { Length: >= HeaderBytes } && new Guid(value.AsSpan(0, IdBytes)) == id)
            {
                return BinaryPrimitives.ReadInt64LittleEndian(value.AsSpan(IdBytes)) > clock.UnixMilliseconds() ? Decode(value) : null;
            }
        }

        return null;
    }

    private static NearbySnapshot Decode(byte[] value) => new(
        BinaryPrimitives.ReadDoubleLittleEndian(value.AsSpan(IdBytes + sizeof(long))),
        MemoryMarshal.Cast<byte, long>(value.AsSpan(HeaderBytes)).ToArray());

    private static RedisKey Key(long userId) => $"nearby:{userId}";
}
