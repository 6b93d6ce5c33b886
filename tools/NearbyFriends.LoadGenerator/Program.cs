// Many connections at once, and what they cost the servers of this machine.
using NearbyFriends.LoadGenerator;

return await LoadCommand.Create().Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(15) });
