using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Discovery;

namespace NearbyFriends.Fanout.Ring;

/// <summary>
/// The leader, one process of the system, commits pending rings and monitors the pub/sub servers. It is elected by a key in
/// etcd that belongs to its lease.
/// </summary>
/// <remarks>
/// Each write requires that the ring is the one it read and that it is still the leader, so a process that lost its lease
/// without noticing changes nothing. While none of several servers answers, it declares none dead: it assumes that it is cut
/// off itself, and gives up the lead.
/// </remarks>
public sealed partial class RingLeader(
    RingState state, RingFollower follower, ServerProbes probes, RingAlert alert, IOptions<FanoutOptions> options, TimeProvider clock,
    ILogger<RingLeader> logger, EtcdClient? etcd = null) : BackgroundService
{
    private static readonly TimeSpan CommitAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StandAside = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> _mourned = new(StringComparer.Ordinal);
    private long? _stoodAside;

    private bool IsStandingAside => _stoodAside is { } since && clock.GetElapsedTime(since) < StandAside;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (etcd is null)
        {
            return;
        }

        while (true)
        {
            var (ring, changed) = state.Latest.Read();
            if (ring.Leader == state.Process.Id && follower.Lease!.IsHeld)
            {
                await LeadAsync(ring.LeaderRevision, stoppingToken);
            }
            else if (ring is { Record: not null, Leader: null } && !IsStandingAside && follower.Lease!.Id is not 0 and var lease)
            {
                await TryAsync(() => etcd.TryPutAsync(state.Keys.Leader, state.Process.Id, modRevision: 0, lease, cancellationToken: stoppingToken));
            }

            await Task.WhenAny(changed, Task.Delay(options.Value.DeadAfter / 3, clock, stoppingToken));
            stoppingToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Leads until the key of the leader changes or one of the duties ends.</summary>
    private async Task LeadAsync(long revision, CancellationToken stoppingToken)
    {
        LogLeads();
        using var term = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Task[] duties = [CommitAsync(revision, term.Token), WatchOverServersAsync(revision, term.Token)];
        while (!Array.Exists(duties, duty => duty.IsCompleted))
        {
            var (ring, changed) = state.Latest.Read();
            if (ring.LeaderRevision != revision)
            {
                break;
            }

            await Task.WhenAny([changed, .. duties]);
        }

        await term.CancelAsync();
        try
        {
            await Task.WhenAll(duties);
        }
        catch (OperationCanceledException)
        {
            // the term is over
        }
        catch (Exception e)
        {
            LogBroke(e); // if it is still the leader, ExecuteAsync begins another term
        }

        LogLedBefore();
    }

    /// <summary>Commits a pending ring once every registered process is ready for it.</summary>
    private async Task CommitAsync(long revision, CancellationToken term)
    {
        await using var processes = new EtcdFollower(etcd!, state.Keys.Processes, clock, logger);
        var reported = processes.NextAsync(term);
        while (true)
        {
            var (ring, changed) = state.Latest.Read();
            Task[] news = [changed, reported];
            if (ring.Record is { Pending: not null } record && !await TryAsync(() => CommitAsync(record, ring.ModRevision, revision, term)))
            {
                news = [.. news, Task.Delay(CommitAgain, clock, term)]; // a failed call to etcd causes no event: retry
            }

            await Task.WhenAny(news);
            term.ThrowIfCancellationRequested();
            if (reported.IsCompleted)
            {
                await reported;
                reported = processes.NextAsync(term);
            }
        }
    }

    /// <summary>
    /// Reads the registered processes: one that started before the proposal is among them, one that started later has read the
    /// proposal.
    /// </summary>
    private async Task<bool> CommitAsync(RingRecord record, long modRevision, long leaderRevision, CancellationToken cancellationToken)
    {
        var living = await etcd!.GetRangeAsync(state.Keys.Processes, cancellationToken);
        if (!living.Entries.All(process => RingProcessReport.Parse(process.Value).ReadyEpoch >= record.LatestEpoch))
        {
            return false;
        }

        if (await WriteAsync(record.Commit(), modRevision, leaderRevision, cancellationToken))
        {
            RingTelemetry.Commits.Add(1);
            LogCommitted(record.LatestEpoch, record.Pending!.Reason);
        }

        return true;
    }

    private async Task WatchOverServersAsync(long revision, CancellationToken term)
    {
        using var timer = new PeriodicTimer(probes.Every, clock);
        while (await timer.WaitForNextTickAsync(term))
        {
            var ring = state.Latest.Value;
            if (ring.Record is not { } record)
            {
                continue;
            }

            string[] inUse = [.. record.Target.Servers.Union(record.Standbys)];
            await probes.RoundAsync([.. inUse, .. record.Lost.Select(lost => lost.Name)]);
            foreach (var lost in record.Lost.Where(lost => probes.IsBack(lost.Name)))
            {
                await TryAsync(() => WelcomeBackAsync(record, lost.Name, ring.ModRevision, revision, term));
            }

            if (await FirstSilentAsync(inUse) is not { } silent)
            {
                continue;
            }

            if (inUse.Length > 1 && !inUse.Any(probes.Answers))
            {
                LogDeaf(inUse.Length);
                _stoodAside = clock.GetTimestamp();
                await TryAsync(() => etcd!.TryDeleteAsync(state.Keys.Leader, revision, term));
                return;
            }

            await TryAsync(() => LoseAsync(record, silent, ring.ModRevision, revision, term));
        }
    }

    private async Task<string?> FirstSilentAsync(string[] names)
    {
        foreach (var name in names)
        {
            if (await probes.IsSilentAsync(name))
            {
                return name;
            }

            _mourned.Remove(name);
        }

        return null;
    }

    private async Task<bool> LoseAsync(RingRecord record, string server, long modRevision, long leaderRevision, CancellationToken cancellationToken)
    {
        var next = record.Lose(server, probes.Answers, clock.GetUtcNow());
        if (next == record)
        {
            if (_mourned.Add(server))
            {
                _ = alert.LostAsync(server, "It is the last, and there is no standby: updates reach friends on the same gateway only", record.Epoch);
            }

            return false;
        }

        if (!await WriteAsync(next, modRevision, leaderRevision, cancellationToken))
        {
            return false;
        }

        var measure = next.LatestEpoch > record.LatestEpoch ? next.Pending!.Reason : "it was a standby";
        _ = alert.LostAsync(server, measure, next.LatestEpoch);
        return true;
    }

    private async Task<bool> WelcomeBackAsync(RingRecord record, string server, long modRevision, long leaderRevision, CancellationToken cancellationToken)
    {
        if (!await WriteAsync(record.StandBy(server), modRevision, leaderRevision, cancellationToken))
        {
            return false;
        }

        _ = alert.ReturnedAsync(server, record.Epoch);
        return true;
    }

    private Task<bool> WriteAsync(RingRecord record, long modRevision, long leaderRevision, CancellationToken cancellationToken) => etcd!.TryPutAsync(
        state.Keys.Record, record.ToJson(), modRevision, holding: (state.Keys.Leader, leaderRevision), cancellationToken: cancellationToken);

    /// <summary>A step that fails because etcd is unavailable is retried in the next round, or with the next report of a process.</summary>
    private async Task<bool> TryAsync(Func<Task<bool>> step)
    {
        try
        {
            return await step();
        }
        catch (Exception e) when (e is EtcdException or JsonException)
        {
            LogFailed(e.Message);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "This process is the leader: it commits changes of the ring and monitors the pub/sub servers.")]
    private partial void LogLeads();

    [LoggerMessage(LogLevel.Error, "The leader failed; it starts again.")]
    private partial void LogBroke(Exception exception);

    [LoggerMessage(LogLevel.Information, "This process is no longer the leader.")]
    private partial void LogLedBefore();

    [LoggerMessage(LogLevel.Information, "Ring epoch {Epoch} is in force: {Reason}")]
    private partial void LogCommitted(long epoch, string reason);

    [LoggerMessage(LogLevel.Error, "None of {Count} pub/sub servers answers this process; it assumes that it is cut off and gives up the lead.")]
    private partial void LogDeaf(int count);

    [LoggerMessage(LogLevel.Warning, "A step of the leader failed: {Reason}")]
    private partial void LogFailed(string reason);
}
