using System.CommandLine;
using NearbyFriends.Tools;

namespace NearbyFriends.Simulator.Arriving;

/// <summary><c>arrive</c>: looks at the system as the demo's visitor does, until friends move.</summary>
internal static class ArriveCommand
{
    public static Command Create()
    {
        var user = new Option<string>("--user") { Description = "Who arrives.", DefaultValueFactory = _ => "visitor" };
        var patience = DurationOption.Create("--patience", "How long friends may take, such as 2m.", TimeSpan.FromMinutes(2));
        var command = new Command("arrive", "Arrives as a user in the middle of San Francisco, and returns once one of their friends moves.")
        {
            user, patience, Endpoints.ApiOption, Endpoints.GatewayOption,
        };
        command.SetAction((parsed, cancellationToken) => ClientFailures.ReportAsync(async () =>
        {
            var friends = await Arrival.UntilAFriendMovesAsync(
                Endpoints.Find(parsed), parsed.GetValue(user)!, parsed.GetValue(patience), cancellationToken);
            Console.WriteLine($"{friends} friends nearby, and they move.");
            return 0;
        }));
        return command;
    }
}
