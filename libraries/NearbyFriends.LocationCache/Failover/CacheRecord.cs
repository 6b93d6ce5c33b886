using System.Collections.Immutable;
using System.Text.Json;

namespace NearbyFriends.LocationCache.Failover;

/// <summary>
/// What all processes agree on about the location cache: which server serves a shard that has failed over. One key in
/// etcd, changed by compare-and-swap alone; until the first failover there is none.
/// </summary>
/// <param name="Epoch">Rises with every failover.</param>
/// <param name="Shards">By shard, who serves it. A shard that is absent is served by the server whose name it has.</param>
public sealed record CacheRecord(long Epoch, ImmutableSortedDictionary<string, ServingServer> Shards)
{
    /// <summary>Every shard is served as configuration describes it.</summary>
    public static readonly CacheRecord Configured = new(0, ImmutableSortedDictionary<string, ServingServer>.Empty);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <exception cref="JsonException">It is no record.</exception>
    public static CacheRecord Parse(string json) => JsonSerializer.Deserialize<CacheRecord>(json, Json) is { Shards: not null } record
        ? record
        : throw new JsonException("The record names no shards.");

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>The server that serves a shard, and since when.</summary>
    public ServingServer Of(string shard) => Shards.GetValueOrDefault(shard) ?? new(shard, DateTimeOffset.MinValue);

    /// <summary>Another server serves the shard from now on.</summary>
    public CacheRecord Promote(string shard, string server, DateTimeOffset now) => new(Epoch + 1, Shards.SetItem(shard, new(server, now)));
}

/// <summary>A server that serves a shard.</summary>
/// <param name="Server">Its name.</param>
/// <param name="Since">When it was promoted; the beginning of time for one that never was.</param>
public sealed record ServingServer(string Server, DateTimeOffset Since);
