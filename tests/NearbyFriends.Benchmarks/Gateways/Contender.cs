using NearbyFriends.LoadGenerator;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Gateways;

/// <summary>A server with connected users, measured in turn with others.</summary>
internal sealed class Contender(ServiceProcess server, Load load)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    /// <summary>Microseconds of CPU a delivery, of each round.</summary>
    public List<double> Rounds { get; } = [];

    /// <summary>Deliveries of the last round over those expected.</summary>
    public double Delivered { get; private set; }

    /// <summary>Lets everybody send updates for a while, and takes the server's CPU a delivery.</summary>
    public async Task RoundAsync(TimeSpan every, TimeSpan time)
    {
        await load.UpdateEveryAsync(every);
        await Task.Delay(WarmUp);
        await load.TakeAsync();
        var cpu = ProcessUse.CpuSeconds(server.ProcessId);
        await Task.Delay(time);
        var seen = await load.TakeAsync();
        cpu = ProcessUse.CpuSeconds(server.ProcessId) - cpu;
        await load.UpdateEveryAsync(TimeSpan.Zero);
        Rounds.Add(cpu * 1e6 / Math.Max(1, seen.Received));
        Delivered = (double)seen.Received / Math.Max(1, load.Expected(seen.Sent));
        await Task.Delay(WarmUp); // what is on its way is not the next one's
    }
}
