using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace NearbyFriends.HistoryWorker.Streams;

/// <summary>Keeps this instance's leases and assigns its streams to its lanes.</summary>
/// <remarks>
/// When the service stops, the lanes read on until the streams of this instance are empty, at most for
/// <see cref="HistoryStreamOptions.DrainTime"/>: gateways that stop before it have just appended what they buffered.
/// </remarks>
public sealed partial class StreamCoordinator(
    StreamLeases leases,
    StreamGroup group,
    IReadOnlyList<StreamLane> lanes,
    HistoryStreamMetrics metrics,
    IOptions<HistoryStreamOptions> options,
    TimeProvider clock,
    ILogger<StreamCoordinator> log) : BackgroundService
{
    // A lease survives several lost renewals.
    private const int RenewalsPerLease = 5;
    private static readonly TimeSpan CheckDrainEvery = TimeSpan.FromMilliseconds(50);

    private readonly HashSet<int> _held = [];
    private readonly List<int> _release = [];
    private volatile string? _trouble;
    private bool _grouped;

    /// <summary>Why no points can be stored at the moment; null if they can.</summary>
    public string? Trouble => _trouble ?? lanes.Select(lane => lane.Trouble).FirstOrDefault(trouble => trouble is not null);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var drained = new CancellationTokenSource();
        var running = lanes.Select(lane => Task.Run(() => lane.RunAsync(drained.Token), CancellationToken.None)).ToList();
        while (!stoppingToken.IsCancellationRequested)
        {
            await TryRenewAsync();
            await Task.Delay(options.Value.LeaseTime / RenewalsPerLease, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await DrainAsync();
        await drained.CancelAsync();
        await Task.WhenAll(running);
        await LeaveAsync();
    }

    // Stored entries are deleted, so if the streams are empty, no lane is processing an entry either.
    private async Task DrainAsync()
    {
        var start = clock.GetTimestamp();
        while (clock.GetElapsedTime(start) < options.Value.DrainTime)
        {
            await TryRenewAsync();
            if (_trouble is null && metrics.Lag.Entries == 0)
            {
                return;
            }

            await Task.Delay(CheckDrainEvery, clock);
        }

        if (metrics.Lag.Entries > 0)
        {
            LogNotEmpty(metrics.Lag.Entries);
        }
    }

    private async Task TryRenewAsync()
    {
        try
        {
            if (!_grouped)
            {
                await group.CreateAsync();
                _grouped = true;
            }

            await RenewAsync();
            _trouble = null;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            if (_trouble is null)
            {
                LogUnavailable(exception);
            }

            _trouble = exception.Message;
        }
    }

    private async Task RenewAsync()
    {
        foreach (var lane in lanes)
        {
            while (lane.TryTakeReleased(out var stream))
            {
                _held.Remove(stream);
                _release.Add(stream);
            }
        }

        var share = await leases.RenewAsync(_release);
        _release.Clear();
        foreach (var stream in share.Streams.Take(share.FairShare).Where(_held.Add))
        {
            LaneOf(stream).Assign(stream);
        }

        // Streams beyond the share are released; those that another instance holds were lost in a long pause.
        foreach (var stream in _held.Where(stream => !share.Streams.Take(share.FairShare).Contains(stream)))
        {
            LaneOf(stream).Unassign(stream);
        }

        metrics.Streams = share.Streams.Count;
        metrics.Lag = await group.LagAsync(share.Streams);
    }

    private StreamLane LaneOf(int stream) => lanes[stream % lanes.Count];

    private async Task LeaveAsync()
    {
        try
        {
            await leases.LeaveAsync();
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogNotReleased(exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Stopped before the streams were empty; {Entries} entries wait for another instance")]
    private partial void LogNotEmpty(long entries);

    [LoggerMessage(LogLevel.Warning, "The history stream is unavailable")]
    private partial void LogUnavailable(Exception failure);

    [LoggerMessage(LogLevel.Information, "The leases could not be released; they expire")]
    private partial void LogNotReleased(Exception failure);
}
