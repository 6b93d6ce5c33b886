using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Discovery;
using StackExchange.Redis;

namespace NearbyFriends.LocationCache.Failover;

/// <summary>The record as it was read.</summary>
/// <param name="Record">Who serves what.</param>
/// <param name="ModRevision">What a change of it compares; 0 while there is none in etcd.</param>
public sealed record CacheSnapshot(CacheRecord Record, long ModRevision);

/// <summary>
/// Has this process use the servers that serve the shards of the location cache, as etcd says. Without etcd, and for shards
/// without a replica, those are the ones that configuration names.
/// </summary>
public sealed partial class CacheFollower(
    CacheServers cache, PubSubServers servers, IOptions<DiscoveryOptions> options, TimeProvider clock, ILogger<CacheFollower> logger, EtcdClient? etcd = null)
    : BackgroundService
{
    private const string RecordName = "record";
    private static readonly TimeSpan PatienceAtStart = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReconnectEvery = TimeSpan.FromSeconds(15);

    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether there is anything to follow: a shard with a replica, and etcd to agree in.</summary>
    public bool IsNeeded => etcd is not null && cache.Shards.Any(shard => shard.Replica is not null);

    /// <summary>The key in etcd.</summary>
    public string Key => Prefix + RecordName;

    /// <summary>What was read last.</summary>
    public CacheSnapshot Latest { get; private set; } = new(CacheRecord.Configured, 0);

    private string Prefix => options.Value.Prefix + "location-cache/";

    /// <summary>Waits for the record, so that nothing is written to a server that serves no more; goes on without after 5 s.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        if (etcd is null && cache.Shards.Any(shard => shard.Replica is not null))
            LogNoDiscovery();

        if (!IsNeeded)
            return;

        try
        {
            await _read.Task.WaitAsync(PatienceAtStart, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            LogStartedWithout();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!IsNeeded)
            return;

        await using var follower = new EtcdFollower(etcd!, Prefix, clock, logger);
        await using var renewal = clock.CreateTimer(
            _ => follower.Reconnect(), null, ReconnectEvery, ReconnectEvery); // its connection may be dead without anybody having said so
        while (true)
        {
            var keys = await follower.NextAsync(stoppingToken);
            try
            {
                var entry = keys.GetValueOrDefault(RecordName);
                Follow(new(entry is null ? CacheRecord.Configured : CacheRecord.Parse(entry.Value), entry?.ModRevision ?? 0));
                _read.TrySetResult();
            }
            catch (JsonException e)
            {
                LogUnreadable(Key, e.Message);
            }
        }
    }

    private void Follow(CacheSnapshot snapshot)
    {
        Latest = snapshot;
        foreach (var shard in cache.Shards)
        {
            var serving = snapshot.Record.Of(shard.Name);
            if (!servers.IsConfigured(serving.Server))
                LogUnconfigured(shard.Name, serving.Server);
            else if (shard.SwitchTo(serving.Server, servers.Connection(serving.Server), ReplicaOf(shard, serving.Server), serving.Since))
                LogFollowed(shard.Name, serving.Server, snapshot.Record.Epoch);
        }
    }

    // The other of the two.
    private IConnectionMultiplexer? ReplicaOf(CacheShard shard, string serving) =>
        (serving == shard.Name ? shard.Replica : shard.Name) is { } other && servers.IsConfigured(other) ? servers.Connection(other) : null;

    [LoggerMessage(LogLevel.Warning, "LocationCache:Replicas names replicas, but there is no etcd (Discovery:Etcd) in which a failover could be agreed on: there will be none.")]
    private partial void LogNoDiscovery();

    [LoggerMessage(LogLevel.Warning, "Who serves the location cache could not be read from etcd; until it can, configuration says so.")]
    private partial void LogStartedWithout();

    [LoggerMessage(LogLevel.Error, "The key {Key} in etcd does not say who serves the location cache; what was read last stands: {Reason}")]
    private partial void LogUnreadable(string key, string reason);

    [LoggerMessage(LogLevel.Error, "The shard {Shard} of the location cache is served by {Server}, which has no connection string here: set ConnectionStrings:{Server}.")]
    private partial void LogUnconfigured(string shard, string server);

    [LoggerMessage(LogLevel.Information, "The shard {Shard} of the location cache is served by {Server} (epoch {Epoch}).")]
    private partial void LogFollowed(string shard, string server, long epoch);
}
