using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace NearbyFriends.HistoryWorker.Streams;

/// <summary>Keeps this instance's leases and deals its streams out to its lanes.</summary>
public sealed class StreamCoordinator(
    StreamLeases leases,
    StreamGroup group,
    IReadOnlyList<StreamLane> lanes,
    HistoryWorkerMetrics metrics,
    IOptions<HistoryWorkerOptions> options,
    TimeProvider clock,
    ILogger<StreamCoordinator> log) : BackgroundService
{
    // Several renewals fit into a lease, so that a lost one does not cost it.
    private const int RenewalsPerLease = 5;

    private readonly HashSet<int> _held = [];
    private readonly List<int> _release = [];

    /// <summary>Why no points can be stored at the moment; null while all is well.</summary>
    public string? Trouble => _trouble ?? lanes.Select(lane => lane.Trouble).FirstOrDefault(trouble => trouble is not null);

    private volatile string? _trouble;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = lanes.Select(lane => Task.Run(() => lane.RunAsync(stoppingToken), CancellationToken.None)).ToList();
        var grouped = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!grouped)
                {
                    await group.CreateAsync();
                    grouped = true;
                }

                await RenewAsync();
                _trouble = null;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                if (_trouble is null)
                {
                    log.LogWarning(exception, "The history stream is away");
                }

                _trouble = exception.Message;
            }

            await Task.Delay(options.Value.LeaseTime / RenewalsPerLease, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(running);
        await LeaveAsync();
    }

    private async Task RenewAsync()
    {
        foreach (var lane in lanes)
        {
            while (lane.TryTakeGivenUp(out var stream))
            {
                _held.Remove(stream);
                _release.Add(stream);
            }
        }

        var share = await leases.RenewAsync(_release);
        _release.Clear();
        foreach (var stream in share.Streams.Take(share.FairShare).Where(_held.Add))
        {
            LaneOf(stream).Want(stream);
        }

        // What is beyond the share goes back; what is not ours any more was lost in a long pause.
        foreach (var stream in _held.Where(stream => !share.Streams.Take(share.FairShare).Contains(stream)))
        {
            LaneOf(stream).Unwant(stream);
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
            log.LogInformation(exception, "The streams of this instance are free once its lease ends");
        }
    }
}
