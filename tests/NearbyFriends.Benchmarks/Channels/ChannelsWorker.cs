using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using NearbyFriends.Core.Fanout;
using NearbyFriends.Core.Locations;

namespace NearbyFriends.Benchmarks.Channels;

/// <summary>
/// The two ends of the fan-out, each a process of its own so that its processor time can be read. A worker writes its
/// state when it is ready and again for each line that it reads, and ends when its input does.
/// </summary>
internal static partial class ChannelsWorker
{
    private const uint PauseMicroseconds = 50;

    public const string Publishing = "channels-publisher";
    public const string Subscribing = "channels-subscriber";

    /// <summary>Lets the users' updates leave by the publishers of all gateways, evenly over time.</summary>
    public static async Task PublishAsync(ChannelsLoad load)
    {
        var gateways = await StartAsync(load);
        var sent = 0L;
        var pacing = new Thread(() => Pace(load, gateways, ref sent)) { IsBackground = true };
        pacing.Start();
        await AnswerAsync(() => Volatile.Read(ref sent));
    }

    /// <summary>Watches all users at each gateway, and reads every frame as a gateway does.</summary>
    public static async Task SubscribeAsync(ChannelsLoad load)
    {
        var gateways = await StartAsync(load);
        var heard = 0L;
        var users = Enumerable.Range(1, load.Users).Select(user => (long)user).ToArray();
        foreach (var gateway in gateways)
        {
            gateway.Subscriber.OnFrame(frame => Read(frame, ref heard));
            await gateway.Subscriber.WatchAsync(users);
        }

        await AnswerAsync(() => Volatile.Read(ref heard) / (double)load.Gateways);
    }

    private static Task<GatewayFanout[]> StartAsync(ChannelsLoad load) =>
        Task.WhenAll(Enumerable.Range(0, load.Gateways).Select(_ => GatewayFanout.StartAsync(load)));

    // Wakes so often that updates leave one at a time, as they arrive from clients who know nothing of each other: in bursts
    // the connection would send several in one go. A user's updates leave by the gateway that the user is connected to.
    private static void Pace(ChannelsLoad load, GatewayFanout[] gateways, ref long sent)
    {
        var publishers = Array.ConvertAll(gateways, gateway => gateway.Publisher);
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * load.UpdatesPerSecond);
            for (var i = load.IsIdle ? due : sent; i < due; i++)
            {
                var user = (i % load.Users) + 1;
                var location = new Location(375_000_000 + (int)(i % 1_000), 1_269_000_000, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
                publishers[user % publishers.Length].Publish(FrameEntry.Moved(user, sharingVersion: 1, location, receivedAt: 0));
            }

            Volatile.Write(ref sent, due);
            _ = Sleep(PauseMicroseconds);
        }
    }

    private static void Read(ReadOnlySpan<byte> frame, ref long heard)
    {
        if (!FrameReader.TryOpen(frame, out var reader))
            throw new InvalidDataException("A frame that arrived is none.");

        var entries = 0;
        while (reader.TryRead(out _, out _))
            entries++;

        Interlocked.Add(ref heard, entries);
    }

    [LibraryImport("libc", EntryPoint = "usleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sleep(uint microseconds);

    private static async Task AnswerAsync(Func<double> updates)
    {
        do
        {
            Console.WriteLine(JsonSerializer.Serialize(new WorkerState(Environment.CpuUsage.TotalTime.TotalMicroseconds, updates())));
        }
        while (await Console.In.ReadLineAsync() is not null);
    }
}
