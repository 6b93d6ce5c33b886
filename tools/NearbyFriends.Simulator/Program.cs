using System.CommandLine;
using NearbyFriends.Simulator.Arriving;
using NearbyFriends.Simulator.Replaying;
using NearbyFriends.Simulator.Walking;

var root = new RootCommand("People who use NearbyFriends as phones would: for the demo, and to check what they are shown.")
{
    WalkCommand.Create(),
    ReplayCommand.Create(),
    ArriveCommand.Create(),
};

// Without a word on the command line (as Aspire starts it) people walk.
return await root.Parse(args is [] ? ["walk"] : args)
    .InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(15) });
