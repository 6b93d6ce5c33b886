using NearbyFriends.Benchmarks;
using NearbyFriends.Benchmarks.History;

var quick = args.Contains("--quick");
switch (args.FirstOrDefault())
{
    case "history":
        await HistoryBenchmark.RunAsync(new Report("history"), quick);
        return 0;
    default:
        Console.Error.WriteLine("Usage: benchmarks NAME [--quick], where NAME is: history");
        return 2;
}
