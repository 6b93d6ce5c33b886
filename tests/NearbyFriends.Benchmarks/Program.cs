using NearbyFriends.Benchmarks;
using NearbyFriends.Benchmarks.Fanout;
using NearbyFriends.Benchmarks.History;

var quick = args.Contains("--quick");
switch (args.FirstOrDefault())
{
    case "fanout":
        await FanoutBenchmark.RunAsync(new Report("fanout"), quick);
        return 0;
    case "history":
        await HistoryBenchmark.RunAsync(new Report("history"), quick);
        return 0;
    default:
        Console.Error.WriteLine("Usage: benchmarks NAME [--quick], where NAME is: fanout, history");
        return 2;
}
