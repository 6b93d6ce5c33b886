using System.CommandLine;
using NearbyFriends.Simulator.Drawing;

namespace NearbyFriends.Simulator;

/// <summary><c>city</c>: draws the demo's city anew from its plan.</summary>
internal static class CityCommand
{
    public static Command Create()
    {
        var output = new Argument<FileInfo>("file")
        {
            Description = "Where to write it; the repository keeps it as NearbyFriends.Simulator/Walking/san-francisco.json.",
        };
        var command = new Command("city", "Draws the city that walkers walk in from its plan, Drawing/san-francisco.plan.") { output };
        command.SetAction((parsed, cancellationToken) => Failures.ReportAsync(async () =>
        {
            var map = CityDrawing.Draw(CityPlan.SanFrancisco());
            await File.WriteAllTextAsync(parsed.GetValue(output)!.FullName, map.ToJson(), cancellationToken);
            Console.WriteLine($"{map.Nodes.Count} nodes, {map.Roads.Sum(road => road.Nodes.Count - 1)} edges in {map.Roads.Count} roads");
            return 0;
        }));
        return command;
    }
}
