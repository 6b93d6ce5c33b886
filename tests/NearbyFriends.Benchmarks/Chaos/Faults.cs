using System.Diagnostics;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Chaos;

/// <summary>A process that fails at random.</summary>
/// <param name="name">As it is printed.</param>
/// <param name="process">What is killed and frozen.</param>
internal sealed class Victim(string name, IKillable process)
{
    public string Name => name;

    public IKillable Process => process;

    /// <summary>When it was down.</summary>
    public Spans Outages { get; } = new();

    /// <summary>When its last outage ended, Unix milliseconds; <see cref="long.MaxValue"/> during one.</summary>
    public long RunsSince => Outages.All is [.., var last] ? last.End : 0;
}

/// <summary>
/// Kills and freezes processes at random from a seed, up to three at a time. The same seed draws the same faults; what they meet
/// depends on the machine's pace.
/// </summary>
/// <param name="victims">What fails.</param>
/// <param name="longest">The longest fault; one begins every tenth of it, on average, unless three last.</param>
/// <param name="seed">Of the draws.</param>
/// <param name="log">Told of each fault.</param>
internal sealed class Faults(IReadOnlyList<Victim> victims, TimeSpan longest, int seed, Action<string> log)
{
    private const int AtOnce = 3;

    private readonly Random _random = new(seed);
    private readonly List<Task> _running = [];

    /// <summary>How many there were.</summary>
    public int Count { get; private set; }

    /// <summary>Goes on until <paramref name="end"/>; every process runs again when the task ends.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!end.IsCancellationRequested)
        {
            var (victim, isKill) = (victims[_random.Next(victims.Count)], _random.Next(2) == 0);
            var (lasts, pause) = (longest * _random.NextDouble(), longest / 5 * _random.NextDouble());
            _running.RemoveAll(fault => fault.IsCompletedSuccessfully);
            if (_running.Count < AtOnce && !victim.Outages.Lasts)
            {
                log($"{Stopwatch.GetElapsedTime(begun).TotalSeconds,6:0.0} s: {(isKill ? "kill" : "freeze")} {victim.Name} for {lasts.TotalSeconds:0.0} s");
                victim.Outages.Begin(Now());
                _running.Add(FailAsync(victim, isKill, lasts, end));
                Count++;
            }

            await PassAsync(pause, end);
        }

        await Task.WhenAll(_running);
        _running.Clear();
    }

    private static async Task FailAsync(Victim victim, bool isKill, TimeSpan lasts, CancellationToken end)
    {
        if (isKill)
        {
            await victim.Process.KillAsync();
            await PassAsync(lasts, end);
            await victim.Process.RestartAsync();
        }
        else
        {
            victim.Process.Freeze();
            await PassAsync(lasts, end);
            victim.Process.Thaw();
        }

        victim.Outages.End(Now());
    }

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private static async Task PassAsync(TimeSpan time, CancellationToken end) =>
        await Task.Delay(time, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
