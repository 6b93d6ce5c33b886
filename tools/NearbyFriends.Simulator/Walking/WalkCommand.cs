using System.CommandLine;
using NearbyFriends.Tools;

namespace NearbyFriends.Simulator.Walking;

/// <summary><c>walk</c>: people of a city, until told to stop.</summary>
internal static class WalkCommand
{
    public static Command Create()
    {
        var walkers = new Option<int>("--walkers") { Description = "How many people.", DefaultValueFactory = _ => 200 };
        var degree = new Option<double>("--degree") { Description = "Friends each, on average.", DefaultValueFactory = _ => 12 };
        var seed = new Option<int>("--seed") { Description = "The same seed leads the same people the same ways.", DefaultValueFactory = _ => 1 };
        var every = DurationOption.Create(
            "--every", "How often one who moves sends a location; 0s for as a phone in a pocket does, by its motion.", TimeSpan.FromSeconds(3));
        var duration = DurationOption.Create("--duration", "Stop after this, such as 10m. Default: walk until stopped.");
        var command = new Command("walk", "People of San Francisco who stay, walk and ride, with tunnels and empty batteries; some are friends of the user 'visitor'.")
        {
            walkers, degree, seed, every, duration, Endpoints.ApiOption, Endpoints.GatewayOption,
        };
        command.SetAction((parsed, cancellationToken) => ClientFailures.ReportAsync(async () =>
        {
            var walk = new Walk(
                Endpoints.Find(parsed), parsed.GetValue(walkers), parsed.GetValue(degree), parsed.GetValue(seed),
                parsed.GetValue(every) is { Ticks: > 0 } time ? time : null);
            await walk.RunAsync(Terminal.Create(), parsed.GetValue(duration), cancellationToken);
            return 0;
        }));
        return command;
    }
}
