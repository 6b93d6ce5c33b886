using System.Text.Json.Nodes;
using NearbyFriends.TestServers;

namespace NearbyFriends.UnitTests.Client;

/// <summary>
/// Plays the scenarios that all client libraries have in common (clients/scenarios, whose README says what the steps mean) with
/// this one.
/// </summary>
public sealed class ScenarioTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "clients", "scenarios");

    /// <summary>File, name, and the value that the scenario is played with: null unless it has several.</summary>
    public static TheoryData<string, string, string> Scenarios
    {
        get
        {
            var rows = from file in Directory.EnumerateFiles(Folder, "*.json").Order(StringComparer.Ordinal)
                       from scenario in JsonNode.Parse(File.ReadAllText(file))!.AsArray()
                       from value in scenario!["each"]?.AsArray() ?? [null]
                       select (Path.GetFileName(file), (string)scenario["name"]!, value?.ToJsonString() ?? "null");
            return [.. rows];
        }
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task A_scenario_of_all_clients(string file, string name, string value)
    {
        var scenario = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, file), TestContext.Current.CancellationToken))!.AsArray()
            .Single(scenario => (string)scenario!["name"]! == name)!;
        var steps = JsonNode.Parse(scenario["steps"]!.ToJsonString().Replace("\"@each\"", value, StringComparison.Ordinal))!.AsArray();
        await using var player = await ScenarioPlayer.StartAsync(
            (double?)scenario["jitter"] ?? 1, (int?)scenario["tokenSeconds"], (int?)scenario["farewell"] ?? 1000);

        foreach (var step in steps)
        {
            await player.PlayAsync(step!.AsObject());
        }
    }
}
