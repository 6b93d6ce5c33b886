using System.CommandLine;
using NearbyFriends.Simulator.Arriving;

namespace NearbyFriends.Simulator;

/// <summary><c>arrive</c>: looks at the system as the demo's visitor does, until friends move.</summary>
internal static class ArriveCommand
{
    public static Command Create()
    {
        var user = new Option<string>("--user") { Description = "Who arrives.", DefaultValueFactory = _ => "visitor" };
        var patience = new Option<TimeSpan>("--patience")
        {
            Description = "How long friends may take, such as 2m.",
            DefaultValueFactory = _ => TimeSpan.FromMinutes(2),
            CustomParser = result => WalkCommand.Parsed(result, Durations.Parse, "must be a duration such as 2m").GetValueOrDefault(),
        };
        var command = new Command("arrive", "Arrives as a user in the middle of San Francisco, and returns once one of their friends moves.")
        {
            user, patience, Endpoints.ApiOption, Endpoints.GatewayOption,
        };
        command.SetAction((parsed, cancellationToken) => Failures.ReportAsync(async () =>
        {
            var friends = await Arrival.UntilAFriendMovesAsync(
                Endpoints.Find(parsed), parsed.GetValue(user)!, parsed.GetValue(patience), cancellationToken);
            Console.WriteLine($"{friends} friends nearby, and they move.");
            return 0;
        }));
        return command;
    }
}
