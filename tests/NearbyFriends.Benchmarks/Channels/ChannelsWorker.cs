using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.Tools;

namespace NearbyFriends.Benchmarks.Channels;

/// <summary>
/// The two ends of the fan-out, each a process of its own so that its processor time can be read. A worker writes its
/// state when it is ready and again for each line that it reads, a <see cref="Pace"/>, and ends when its input does.
/// </summary>
internal static partial class ChannelsWorker
{
    private const uint PauseMicroseconds = 50;
    private const uint RestMicroseconds = 50_000;

    public const string Publishing = "channels-publisher";
    public const string Subscribing = "channels-subscriber";

    /// <summary>Lets the users' updates leave by the publishers of all gateways, evenly over time.</summary>
    public static async Task PublishAsync(ChannelsLoad load)
    {
        var gateways = await StartAsync(load, hostsActors: false);
        var sender = new Sender(load, gateways);
        new Thread(sender.Run) { IsBackground = true }.Start();
        await AnswerAsync(() => sender.Sent, default, new(), pace => sender.Pace = pace);
    }

    /// <summary>Watches all users at each gateway, and reads every frame as a gateway does.</summary>
    public static async Task SubscribeAsync(ChannelsLoad load)
    {
        var gateways = await StartAsync(load, hostsActors: true);
        var before = WatchingCost.Now();
        var heard = 0L;
        var latencies = new LatencyHistogram();
        var users = Enumerable.Range(1, load.Users).Select(user => (long)user).ToArray();
        foreach (var gateway in gateways)
        {
            gateway.Subscriber.OnFrame(frame => Read(frame, ref heard, latencies));
            await gateway.Subscriber.WatchAsync(users);
        }

        var watching = WatchingCost.Now() - before;
        await AnswerAsync(() => Volatile.Read(ref heard) / (double)load.Gateways, watching, latencies, static _ => { });
    }

    private static Task<GatewayFanout[]> StartAsync(ChannelsLoad load, bool hostsActors) =>
        Task.WhenAll(Enumerable.Range(0, load.Gateways).Select(_ => GatewayFanout.StartAsync(load, hostsActors)));

    private static void Read(ReadOnlySpan<byte> frame, ref long heard, LatencyHistogram latencies)
    {
        if (!FrameReader.TryOpen(frame, out var reader))
        {
            throw new InvalidDataException("A frame that arrived is none.");
        }

        var entries = 0;
        var now = TimeProvider.System.UnixMicroseconds();
        for (; reader.TryRead(out var entry, out _); entries++)
        {
            latencies.Record((now - entry.ReceivedAt) / 1e3);
        }

        Interlocked.Add(ref heard, entries);
    }

    [LibraryImport("libc", EntryPoint = "usleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sleep(uint microseconds);

    private static async Task AnswerAsync(Func<double> updates, WatchingCost watching, LatencyHistogram latencies, Action<Pace> setPace)
    {
        Write();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            Write();
            setPace(Enum.Parse<Pace>(line));
        }

        void Write() => Console.WriteLine(JsonSerializer.Serialize(
            new WorkerState(Environment.CpuUsage.TotalTime.TotalMicroseconds, updates(), watching, latencies.Buckets)));
    }

    /// <summary>
    /// Wakes so often that updates leave one at a time, as they arrive from clients who know nothing of each other: in bursts
    /// the connection would send several in one go. A user's updates leave by the gateway that the user is connected to.
    /// </summary>
    private sealed class Sender(ChannelsLoad load, GatewayFanout[] gateways)
    {
        private readonly FrameBatch[] _batches = Array.ConvertAll(gateways, gateway => gateway.Publisher.NewBatch());
        private volatile Pace _pace;
        private long _sent;

        public Pace Pace
        {
            set => _pace = value;
        }

        public long Sent => Volatile.Read(ref _sent);

        public void Run()
        {
            var (last, due) = (Stopwatch.GetTimestamp(), 0.0);
            var windowBegan = last;
            while (true)
            {
                var (now, pace) = (Stopwatch.GetTimestamp(), _pace);
                due = pace == Pace.Send ? due + (Stopwatch.GetElapsedTime(last, now).TotalSeconds * load.UpdatesPerSecond) : 0;
                last = now;
                for (; due >= 1; due--)
                {
                    var user = (_sent % load.Users) + 1;
                    var location = new Location(375_000_000 + (int)(_sent % 1_000), 1_269_000_000, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
                    _batches[user % _batches.Length].Add(FrameEntry.Moved(user, sharingVersion: 1, location, TimeProvider.System.UnixMicroseconds()), trace: default);
                    Volatile.Write(ref _sent, _sent + 1);
                }

                if (Stopwatch.GetElapsedTime(windowBegan, now) >= load.Window)
                {
                    windowBegan = now;
                    Array.ForEach(_batches, batch => batch.Send());
                }

                _ = Sleep(pace == Pace.Rest ? RestMicroseconds : PauseMicroseconds);
            }
        }
    }
}
