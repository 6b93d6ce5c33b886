using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Discovery;
using NearbyFriends.Fanout.Ring;

namespace NearbyFriends.LocationCache.Failover;

/// <summary>
/// The process that leads the ring also watches over the location cache: it has every replica follow the server that serves
/// its shard, and promotes it when that one is dead.
/// </summary>
/// <remarks>
/// What the record in etcd says is what the leader makes true, again and again; nothing else tells a server its role. So it
/// does not matter in which state servers start or return: an old primary that comes back, empty or not, becomes the
/// replica of the new one. A replica is promoted first and the record written after: a leader that fails between leaves a
/// second primary that nobody uses, which the next leader makes a replica again, or promotes for good. Replication is
/// asynchronous. What the dead server had not passed on is lost: locations come back with the next update, and a tombstone
/// is made up for by <see cref="CacheShard.IsDoubtful"/>.
/// </remarks>
public sealed partial class CacheLeader(
    RingState ring, RingFollower process, CacheServers cache, CacheFollower follower, CacheReplication replication, PubSubServers servers,
    IOptions<FanoutOptions> options, TimeProvider clock, ILogger<CacheLeader> logger, EtcdClient? etcd = null) : BackgroundService
{
    private bool Leads => ring.Latest.Value.Leader == ring.Process.Id && process.Lease!.IsHeld;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!follower.IsNeeded)
            return;

        var probes = new ServerProbes(servers, options, clock);
        using var timer = new PeriodicTimer(probes.Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (Leads)
                await RoundAsync(probes, stoppingToken);
            else
                probes = new ServerProbes(servers, options, clock); // what was seen in an earlier term is no reason to act in a later one
        }
    }

    private async Task RoundAsync(ServerProbes probes, CancellationToken cancellationToken)
    {
        var leaderRevision = ring.Latest.Value.LeaderRevision;
        var pairs = cache.Shards.Where(shard => shard.Replica is not null).ToList();
        await probes.RoundAsync([.. pairs.Select(shard => shard.Name), .. pairs.Select(shard => shard.Replica!)]);
        foreach (var shard in pairs)
        {
            var snapshot = follower.Latest;
            var serving = snapshot.Record.Of(shard.Name).Server;
            var other = serving == shard.Name ? shard.Replica! : shard.Name;
            try
            {
                if (probes.Answers(other) && await probes.IsSilentAsync(serving))
                    await FailOverAsync(shard.Name, serving, other, snapshot, leaderRevision, cancellationToken);
                else if (probes.Answers(serving) && probes.Answers(other))
                    await replication.AlignAsync(serving, other);
            }
            catch (Exception e) when (e is EtcdException || CacheShard.IsAway(e))
            {
                LogFailed(shard.Name, e.Message); // the next round tries again
            }
        }
    }

    private async Task FailOverAsync(
        string shard, string dead, string replica, CacheSnapshot snapshot, long leaderRevision, CancellationToken cancellationToken)
    {
        await replication.PromoteAsync(replica);
        var next = snapshot.Record.Promote(shard, replica, clock.GetUtcNow());
        if (!await etcd!.TryPutAsync(
            follower.Key, next.ToJson(), snapshot.ModRevision, holding: (ring.Keys.Leader, leaderRevision), cancellationToken: cancellationToken))
        {
            return; // another leads, or has done it
        }

        CacheTelemetry.FailedOver.Add(1, new KeyValuePair<string, object?>("server", dead));
        LogFailedOver(dead, replica, shard, next.Epoch);
    }

    [LoggerMessage(7101, LogLevel.Error, "Location cache server {Dead} is dead: {Replica} serves shard {Shard} (epoch {Epoch}).", EventName = "CacheFailedOver")]
    private partial void LogFailedOver(string dead, string replica, string shard, long epoch);

    [LoggerMessage(LogLevel.Warning, "The servers of shard {Shard} of the location cache could not be aligned; tried again: {Reason}")]
    private partial void LogFailed(string shard, string reason);
}
