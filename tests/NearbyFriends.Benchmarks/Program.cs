using System.Text.Json;
using NearbyFriends.Benchmarks;
using NearbyFriends.Benchmarks.Channels;
using NearbyFriends.Benchmarks.Chaos;
using NearbyFriends.Benchmarks.Failover;
using NearbyFriends.Benchmarks.Fanout;
using NearbyFriends.Benchmarks.Gateways;
using NearbyFriends.Benchmarks.History;
using NearbyFriends.Benchmarks.Journal;
using NearbyFriends.Benchmarks.Messages;
using NearbyFriends.Benchmarks.Micro;
using NearbyFriends.Benchmarks.Page;
using NearbyFriends.Benchmarks.Peers;
using NearbyFriends.Benchmarks.Releases;
using NearbyFriends.Benchmarks.Strangers;

var quick = args.Contains("--quick");
switch (args.FirstOrDefault())
{
    case "channels":
        await ChannelsBenchmark.RunAsync(new Report("channels"), quick);
        return 0;
    case ChannelsWorker.Publishing:
        await ChannelsWorker.PublishAsync(JsonSerializer.Deserialize<ChannelsLoad>(args[1])!);
        return 0;
    case ChannelsWorker.Subscribing:
        await ChannelsWorker.SubscribeAsync(JsonSerializer.Deserialize<ChannelsLoad>(args[1])!);
        return 0;
    case "chaos":
        await ChaosBenchmark.RunAsync(new Report("chaos"), args, quick);
        return 0;
    case "failover":
        await FailoverBenchmark.RunAsync(new Report("failover"), quick);
        return 0;
    case "fanout":
        await FanoutBenchmark.RunAsync(new Report("fanout"), quick);
        return 0;
    case "sockets":
        await SocketsBenchmark.RunAsync(new Report("sockets"), quick);
        return 0;
    case "memory":
        await MemoryBenchmark.RunAsync(new Report("memory"), quick);
        return 0;
    case "latency":
        await LatencyBenchmark.RunAsync(new Report("latency"), quick);
        return 0;
    case "connect":
        await ConnectBenchmark.RunAsync(new Report("connect"), quick);
        return 0;
    case "builds" when args.Length > 1:
        await BuildsBenchmark.RunAsync(new Report("builds"), args[1], args.ElementAtOrDefault(2), quick);
        return 0;
    case "growth":
        await GrowthBenchmark.RunAsync(new Report("growth"), quick);
        return 0;
    case "page":
        await PageBenchmark.RunAsync(new Report("page"), quick);
        return 0;
    case "peers":
        await PeersBenchmark.RunAsync(new Report("peers"), quick);
        return 0;
    case "tracing":
        await TracingBenchmark.RunAsync(new Report("tracing"), quick);
        return 0;
    case "journal":
        await JournalBenchmark.RunAsync(new Report("journal"), quick);
        return 0;
    case "history":
        await HistoryBenchmark.RunAsync(new Report("history"), quick);
        return 0;
    case "micro":
        MicroBenchmark.Run(new Report("micro"), quick);
        return 0;
    case "messages":
        await MessagesBenchmark.RunAsync(new Report("messages"), quick);
        return 0;
    case "release":
        await ReleaseBenchmark.RunAsync(new Report("release"), quick);
        return 0;
    case "strangers":
        StrangersBenchmark.Run(new Report("strangers"), quick);
        return 0;
    default:
        Console.Error.WriteLine("Usage: benchmarks NAME [--quick], where NAME is: builds FOLDER, channels, chaos, connect, failover, fanout, growth, history, journal, latency, memory, messages, micro, page, peers, release, sockets, strangers, tracing");
        return 2;
}
