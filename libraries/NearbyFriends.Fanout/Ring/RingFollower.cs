using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Discovery;

namespace NearbyFriends.Fanout.Ring;

/// <summary>
/// This process's part in the ring: it registers in etcd while it runs, follows the ring there, and reports which epoch it
/// has applied. The first process of a new system writes the configured ring to etcd.
/// </summary>
/// <remarks>
/// A process registers before it reads the ring. So a ring that is proposed later waits for the process, and the process reads
/// one that was proposed earlier.
/// </remarks>
public sealed partial class RingFollower : BackgroundService
{
    private static readonly TimeSpan PatienceAtStart = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly RingState _state;
    private readonly RingSwitch _switch;
    private readonly EtcdClient? _etcd;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly EtcdFollower? _follower;
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _applied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _reporting = new(1);

    public RingFollower(
        RingState state, RingSwitch ringSwitch, IOptions<DiscoveryOptions> options, TimeProvider clock, ILogger<RingFollower> logger, EtcdClient? etcd = null)
    {
        _state = state;
        _switch = ringSwitch;
        _etcd = etcd;
        _clock = clock;
        _logger = logger;
        if (etcd is null)
        {
            return;
        }

        _follower = new EtcdFollower(etcd, state.Keys.Ring, clock, logger);
        Lease = new EtcdLease(etcd, options.Value.LeaseTime, RegisterAsync, clock, logger) { Answered = NoteAnswer };
    }

    /// <summary>What keeps this process's keys alive; null without etcd.</summary>
    public EtcdLease? Lease { get; }

    /// <summary>
    /// Waits for the ring, so that no frame goes to a server that does not own its channel; after 5 s it continues with the
    /// configured ring.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        if (_etcd is null)
        {
            return;
        }

        try
        {
            await _applied.Task.WaitAsync(PatienceAtStart, _clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            _state.IsDiscoveryAway = true;
            LogStartedWithout();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_etcd is null)
        {
            return;
        }

        Task[] parts = [Lease!.RunAsync(stoppingToken), FollowAsync(stoppingToken), ApplyAsync(stoppingToken)];
        var first = await Task.WhenAny(parts);
        if (first.IsFaulted)
        {
            await first; // a process that cannot follow the ring must not continue: the host stops
        }

        await Task.WhenAll(parts);
    }

    public override void Dispose()
    {
        _reporting.Dispose();
        base.Dispose();
    }

    private void NoteAnswer(bool answered)
    {
        _state.IsDiscoveryAway = !answered;
        if (!answered)
        {
            _follower!.Reconnect(); // the connection of the watch may have failed without an error
        }
    }

    private async Task RegisterAsync(long lease, CancellationToken cancellationToken)
    {
        await ReportOnceAsync(lease, cancellationToken);
        if (!_registered.TrySetResult())
        {
            _follower!.Reread(); // not the first lease: etcd may have lost its data, and its revisions start again
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await _registered.Task.WaitAsync(cancellationToken);
        await using var follower = _follower!;
        while (true)
        {
            var keys = await follower.NextAsync(cancellationToken);
            _state.IsDiscoveryAway = false;
            if (keys.GetValueOrDefault(RingKeys.RecordName) is not { } entry)
            {
                await WriteFirstAsync(cancellationToken);
                continue;
            }

            try
            {
                var leader = keys.GetValueOrDefault(RingKeys.LeaderName);
                _state.Latest.Set(new(RingRecord.Parse(entry.Value), entry.ModRevision, leader?.Value, leader?.CreateRevision ?? 0));
            }
            catch (JsonException e)
            {
                LogUnreadable(_state.Keys.Record, e.Message);
            }
        }
    }

    /// <summary>
    /// If several processes start together, one of them writes the ring. If etcd lost its data, this restores the last known
    /// ring.
    /// </summary>
    private async Task WriteFirstAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await _etcd!.TryPutAsync(_state.Keys.Record, _state.Record.ToJson(), modRevision: 0, cancellationToken: cancellationToken))
            {
                LogWritten(_state.Record.Epoch);
            }
        }
        catch (EtcdException e)
        {
            LogNotWritten(e.Message);
            _follower!.Reread();
        }
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (snapshot, changed) = _state.Latest.Read();
            if (snapshot.Record is { } record && (record.Epoch != _state.AppliedEpoch || record.LatestEpoch != _state.ReadyEpoch))
            {
                await ApplyAsync(record, changed, cancellationToken);
            }
            else
            {
                await changed.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Gets ready for a ring. A later ring cancels the attempt, because an unavailable server may block it.</summary>
    private async Task ApplyAsync(RingRecord record, Task superseded, CancellationToken cancellationToken)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ready = _switch.GetReadyAsync(record, attempt.Token);
        if (await Task.WhenAny(ready, superseded) == superseded)
        {
            await attempt.CancelAsync();
        }

        try
        {
            await ready;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return; // replaced by a later record
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotApplied(e, record.LatestEpoch);
            await Task.WhenAny(superseded, Task.Delay(AfterFailure, _clock, cancellationToken));
            return;
        }

        (_state.AppliedEpoch, _state.ReadyEpoch) = (record.Epoch, record.LatestEpoch);
        RingTelemetry.Changes.Add(1);
        LogApplied(record.Epoch, record.Pending is null ? "" : $", ready for {record.LatestEpoch} ({record.Pending.Reason})");
        await ReportAsync(cancellationToken);
        _applied.TrySetResult();
        await _switch.FinishAsync();
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(_clock);
        while (Lease!.Id is not 0 and var lease) // 0: no lease; the next one reports when it is granted
        {
            try
            {
                await ReportOnceAsync(lease, cancellationToken);
                return;
            }
            catch (EtcdException e)
            {
                LogNotReported(e.Message);
                await backoff.WaitAsync(cancellationToken);
            }
        }
    }

    private async Task ReportOnceAsync(long lease, CancellationToken cancellationToken)
    {
        await _reporting.WaitAsync(cancellationToken);
        try
        {
            var report = new RingProcessReport(_state.Process.Kind, _state.AppliedEpoch, _state.ReadyEpoch);
            await _etcd!.PutAsync(_state.Keys.Processes + _state.Process.Id, report.ToJson(), lease, cancellationToken);
        }
        finally
        {
            _reporting.Release();
        }
    }

    [LoggerMessage(LogLevel.Warning, "The ring could not be read from etcd; until it can, the configured servers are used.")]
    private partial void LogStartedWithout();

    [LoggerMessage(LogLevel.Information, "Wrote ring epoch {Epoch} to etcd, which had no ring.")]
    private partial void LogWritten(long epoch);

    [LoggerMessage(LogLevel.Warning, "The ring could not be written to etcd: {Reason}")]
    private partial void LogNotWritten(string reason);

    [LoggerMessage(LogLevel.Error, "The key {Key} in etcd is not a valid ring; the last one remains in use: {Reason}")]
    private partial void LogUnreadable(string key, string reason);

    [LoggerMessage(LogLevel.Information, "Applied ring epoch {Epoch}{Pending}")]
    private partial void LogApplied(long epoch, string pending);

    [LoggerMessage(LogLevel.Error, "Ring epoch {Epoch} could not be applied; retrying.")]
    private partial void LogNotApplied(Exception exception, long epoch);

    [LoggerMessage(LogLevel.Debug, "The applied ring epoch could not be reported to etcd: {Reason}")]
    private partial void LogNotReported(string reason);
}
