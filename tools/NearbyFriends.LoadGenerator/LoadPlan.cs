using System.Diagnostics;
using NearbyFriends.Tools;

namespace NearbyFriends.LoadGenerator;

/// <summary>A load from the command line: make the users, connect them, let them move, stop.</summary>
internal sealed record LoadPlan(
    LoadPopulation People, IReadOnlyList<Uri> Gateways, string Database, string SigningKey, TimeSpan Every, TimeSpan Duration, double ConnectsPerSecond,
    IReadOnlyList<string> Redis)
{
    public async Task<LoadResult> RunAsync(ProgressLine progress, CancellationToken cancellationToken)
    {
        await progress.ShowAsync(
            $"Making {People.Users:N0} users with {People.Friends} friends each", () => "copying", People.WriteAsync(Database, cancellationToken));
        await using var load = await Load.StartAsync(People, Gateways, LoadTarget.Gateway, SigningKey, ConnectsPerSecond);
        var connected = 0;
        await progress.ShowAsync(
            $"Connecting to {Gateways.Count} gateways", () => $"{connected:N0} of {People.Users:N0}",
            load.ConnectAsync(progress: now => connected = now).WaitAsync(cancellationToken));
        await load.UpdateEveryAsync(Every);
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken); // what connecting left behind is told by then
        await load.TakeAsync();
        var (before, start) = (await ServerUsage.TakeAsync(Redis, load.Processes), Stopwatch.GetTimestamp());
        var seen = LoadSnapshot.Nothing;
        var line = "";
        await progress.ShowAsync($"An update every {Every.TotalSeconds:0.#} s each, for {Duration.TotalSeconds:0} s", () => line, StayAsync());
        var (seconds, after) = (Stopwatch.GetElapsedTime(start).TotalSeconds, await ServerUsage.TakeAsync(Redis, load.Processes));
        return new LoadResult(
            People.Users, Gateways.Count, seconds, seen.Sent, load.Expected(seen.Sent), seen.Received, seen.Messages, seen.Bytes, seen.Late, seen.Ended,
            load.Connects.ConnectMilliseconds(0.5), load.Connects.ConnectMilliseconds(0.99),
            seen.LatencyMilliseconds(0.5), seen.LatencyMilliseconds(0.99), [.. ServerUsage.Between(before, after)]);

        async Task StayAsync()
        {
            while (Stopwatch.GetElapsedTime(start) < Duration)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
                var now = await load.TakeAsync();
                seen = now.Beside(seen) with { Connected = now.Connected };
                line = $"{now.Connected:N0} connected, {now.Sent:N0} updates/s, {now.Received:N0} deliveries/s, p99 {now.LatencyMilliseconds(0.99):0} ms";
            }
        }
    }
}
