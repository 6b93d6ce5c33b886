using System.CommandLine;
using System.Text.Json;
using NearbyFriends.Tools;

namespace NearbyFriends.LoadGenerator;

/// <summary>As many connections as asked for, and what they cost the servers of this machine.</summary>
internal static class LoadCommand
{
    /// <summary>The command of the processes that <see cref="Load"/> starts.</summary>
    internal const string WorkerName = "worker";

    public static RootCommand Create()
    {
        var connections = new Option<int>("--connections") { Description = "How many users connect.", DefaultValueFactory = _ => 1_000 };
        var friends = new Option<int>("--friends") { Description = "Friends of each.", DefaultValueFactory = _ => 400 };
        var nearby = new Option<int?>("--nearby") { Description = "How many of them are connected and nearby. Default: a tenth." };
        var every = DurationOption.Create("--every", "Each connection sends an update so often, give or take a tenth. Default: 30s.");
        var duration = DurationOption.Create("--duration", "How long, once everybody is connected. Default: 60s.");
        var ramp = new Option<double>("--connects-per-second") { Description = "How fast users connect.", DefaultValueFactory = _ => 200 };
        var database = new Option<string?>("--database") { Description = "Connection string of the database 'users', where they are made. Default: ConnectionStrings__users." };
        var key = new Option<string?>("--signing-key") { Description = "Signs their tokens. Default: Auth__SigningKey." };
        var redis = new Option<string[]>("--redis") { Description = "HOST:PORT[,password=...] of a Redis whose CPU is asked of itself; may be repeated." };
        var gateways = new Option<Uri[]>("--gateway") { Description = "Base URL of a gateway; may be repeated. Default: the gateways of .nearby/endpoints.json." };
        var json = new Option<FileInfo?>("--json") { Description = "Writes the figures there too." };
        var command = new RootCommand("Many connections at once, and what they cost the servers of this machine.")
        {
            connections, friends, nearby, every, duration, ramp, database, key, redis, json, gateways, CreateWorker(),
        };
        command.SetAction((parsed, cancellationToken) => Failures.ReportAsync(async () =>
        {
            var count = parsed.GetValue(connections);
            var people = new LoadPopulation(count, parsed.GetValue(friends), parsed.GetValue(nearby) ?? parsed.GetValue(friends) / 10);
            var plan = new LoadPlan(
                people,
                parsed.GetValue(gateways) is { Length: > 0 } given ? given : FindGateways(),
                Setting(parsed.GetValue(database), "ConnectionStrings__users", "--database"),
                Setting(parsed.GetValue(key), "Auth__SigningKey", "--signing-key"),
                parsed.GetValue(every) ?? TimeSpan.FromSeconds(30),
                parsed.GetValue(duration) ?? TimeSpan.FromSeconds(60),
                parsed.GetValue(ramp),
                parsed.GetValue(redis) ?? []);
            MachineLimits.Require(plan.People.Users);
            var console = Terminal.Create();
            var result = await plan.RunAsync(new ProgressLine(console, TimeSpan.FromSeconds(5)), cancellationToken);
            result.Print(console);
            if (parsed.GetValue(json) is { } file)
            {
                await File.WriteAllTextAsync(file.FullName, JsonSerializer.Serialize(result, LoadResult.Readable), cancellationToken);
            }

            return 0;
        }));
        return command;
    }

    /// <summary>What a process of a load runs.</summary>
    private static Command CreateWorker()
    {
        var command = new Command(WorkerName, "A process of a load.") { Hidden = true };
        command.SetAction(_ => LoadWorker.RunAsync(Console.In, Console.Out));
        return command;
    }

    private static IReadOnlyList<Uri> FindGateways() =>
        EndpointsFile.Find()?.Gateways
        ?? throw new InvalidOperationException("Where are the gateways? Give --gateway URL for each, or start the system with ./nearby run.");

    private static string Setting(string? given, string variable, string option) =>
        given ?? Environment.GetEnvironmentVariable(variable)
        ?? throw new InvalidOperationException($"load makes its users in the database and signs their tokens itself: give {option}, or set {variable}.");
}
