using System.Globalization;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using StackExchange.Redis;

namespace NearbyFriends.Fanout.Channels;

/// <summary>
/// Which channel a user's entries travel on: <c>Partitioned(n)</c>, n channels that many users share, or
/// <c>PerUser</c>, the classic design with a channel for each.
/// </summary>
/// <remarks>
/// The ring places slots on servers. A partition is a slot of its own; the channels of users are grouped into
/// <see cref="PerUserSlots"/> slots by the same hash, so that a table, not a search, finds a channel's server.
/// In a Redis Cluster a channel's name decides. Partitions are few, so their names have hash tags that give each master its share;
/// by their numbers alone, six masters would have 16 to 29 of 128. Users and cells are many and need none.
/// The strangers of a cell have a channel of their own under either scheme, <c>fanout:c</c> and the cell's name
/// (docs/decisions/0014-strangers.md); it lives where the slot of its hash does.
/// </remarks>
public sealed class ChannelScheme
{
    /// <summary>Slots that share out the channels of <see cref="PerUser"/>.</summary>
    public const int PerUserSlots = 4096;

    private const string UserPrefix = "fanout:u";

    private readonly RedisChannel[] _partitions;

    private ChannelScheme(int partitions, bool isSharded = false)
    {
        IsSharded = isSharded;
        var tags = isSharded ? [.. HashSlot.SpreadTags(partitions).Select(tag => $"{{{tag}}}")] : new string?[partitions];
        _partitions = [.. tags.Select((tag, i) => Channel($"fanout:p{i}{tag}"))];
    }

    /// <summary>One channel per user.</summary>
    public static ChannelScheme PerUser { get; } = new(0);

    /// <summary>How many slots the ring places on servers.</summary>
    public int SlotCount => IsPartitioned ? _partitions.Length : PerUserSlots;

    /// <summary>Whether users share channels.</summary>
    public bool IsPartitioned => _partitions.Length > 0;

    /// <summary>Whether the channels are those of Redis Cluster's sharded pub/sub (SPUBLISH, SSUBSCRIBE).</summary>
    public bool IsSharded { get; }

    /// <summary><paramref name="count"/> shared channels, 1 to 4,096.</summary>
    public static ChannelScheme Partitioned(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, PerUserSlots);
        return new(count);
    }

    /// <summary>Reads <c>Partitioned(16)</c> or <c>PerUser</c>; null for anything else.</summary>
    public static ChannelScheme? TryParse(string? text)
    {
        const string Prefix = "Partitioned(";
        if (string.Equals(text, nameof(PerUser), StringComparison.OrdinalIgnoreCase))
        {
            return PerUser;
        }

        return text is not null && text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && text.EndsWith(')')
            && int.TryParse(text.AsSpan(Prefix.Length..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count is >= 1 and <= PerUserSlots
            ? Partitioned(count)
            : null;
    }

    /// <summary>The same channels, on a Redis Cluster.</summary>
    public ChannelScheme Sharded() => new(_partitions.Length, isSharded: true);

    /// <summary>The slot of a user, 0 to <see cref="SlotCount"/> - 1.</summary>
    public int SlotOf(long userId) => StableHash.ToRange(StableHash.Of(userId), SlotCount);

    /// <summary>How operators name channels, in words.</summary>
    public string ChannelNames => IsPartitioned ? $"channels are p0 to p{SlotCount - 1}" : "a channel is u and a user's id";

    /// <summary>The slot of a channel as operators name it, <c>p3</c> or <c>u42</c>; null when there is none of that name.</summary>
    public int? TryParseSlot(string? channel) =>
        channel?.Length > 1 && channel[0] == (IsPartitioned ? 'p' : 'u')
        && long.TryParse(channel.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? IsPartitioned ? number < SlotCount ? (int)number : null : SlotOf(number)
            : null;

    /// <summary>The channel of a user: the one of its partition, or its own.</summary>
    public RedisChannel ChannelOf(long userId) =>
        IsPartitioned ? _partitions[SlotOf(userId)] : Channel($"{UserPrefix}{userId}");

    /// <summary>The channels of these users, each once, with how many of the users are on it.</summary>
    public IEnumerable<(int Slot, RedisChannel Channel, int Users)> ChannelsOf(IReadOnlyCollection<long> userIds) =>
        IsPartitioned
            ? userIds.CountBy(SlotOf).Select(slot => (slot.Key, _partitions[slot.Key], slot.Value))
            : userIds.Select(userId => (SlotOf(userId), ChannelOf(userId), 1));

    /// <summary>Whether a channel of this name belongs to one user, as under <see cref="PerUser"/>.</summary>
    public static bool IsOfOneUser(string channel) => channel.StartsWith(UserPrefix, StringComparison.Ordinal);

    /// <summary>The slot of a cell's channel, 0 to <see cref="SlotCount"/> - 1.</summary>
    public int SlotOf(Geohash cell) => StableHash.ToRange(StableHash.Of(cell.Number), SlotCount);

    /// <summary>The channel of a cell.</summary>
    public RedisChannel ChannelOf(Geohash cell) => Channel($"fanout:c{cell}");

    /// <summary>The channel of a partition.</summary>
    public RedisChannel Partition(int slot) => _partitions[slot];

    private RedisChannel Channel(string name) => IsSharded ? RedisChannel.Sharded(name) : RedisChannel.Literal(name);

    public override string ToString() => IsPartitioned ? $"Partitioned({_partitions.Length})" : nameof(PerUser);
}
