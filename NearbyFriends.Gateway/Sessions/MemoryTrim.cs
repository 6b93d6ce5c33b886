namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// Gives memory back to the operating system when a wave of connects or disconnects has passed and nothing much happens.
/// </summary>
/// <remarks>
/// A quiet gateway allocates next to nothing, so the collector does not run by itself and keeps the wave's garbage and
/// gaps for hours: a seventh of a connection's memory (docs/performance.md, "Garbage collection"). The collection
/// stops the gateway for some 25 us a connection, which is why it waits for a moment in which hardly anybody would notice;
/// under load the collector works anyway, and this never does.
/// </remarks>
public sealed partial class MemoryTrim(SessionRegistry sessions, TimeProvider clock, ILogger<MemoryTrim> logger) : BackgroundService
{
    private const long QuietBytesPerSecond = 2_000_000; // a gateway with a hundred updates a second allocates more
    private const int QuietPeriods = 8;
    private const double Wave = 0.1; // of the sessions that there were
    private const int SmallestWave = 500;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (trimmedAt, quiet, allocated) = (0, 0, GC.GetTotalAllocatedBytes());
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var before = allocated;
            allocated = GC.GetTotalAllocatedBytes();
            quiet = allocated - before <= QuietBytesPerSecond * Period.TotalSeconds ? quiet + 1 : 0;
            var wave = Math.Abs(sessions.Count - trimmedAt);
            if (quiet >= QuietPeriods && wave >= Math.Max(SmallestWave, Wave * trimmedAt))
            {
                trimmedAt = sessions.Count;
                var start = clock.GetTimestamp();
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                LogTrimmed(trimmedAt, GC.GetGCMemoryInfo().TotalCommittedBytes / 1_000_000, clock.GetElapsedTime(start).TotalMilliseconds);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Memory was given back while little happened: with {Sessions} sessions the heap has {Megabytes} MB. It took {Milliseconds:0} ms.")]
    private partial void LogTrimmed(int sessions, long megabytes, double milliseconds);
}
