using System.CommandLine;
using NearbyFriends.Simulator;
using NearbyFriends.Simulator.Loading;

var root = new RootCommand("People who use NearbyFriends as phones would: for the demo, for load, to check what they are shown, and to plan for more.")
{
    WalkCommand.Create(),
    ReplayCommand.Create(),
    ArriveCommand.Create(),
    CityCommand.Create(),
    PlanCommand.Create(),
    LoadCommand.Create(),
    LoadCommand.CreateWorker(),
};

// Without a word on the command line (as Aspire starts it) people walk.
return await root.Parse(args is [] ? ["walk"] : args)
    .InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(15) });
