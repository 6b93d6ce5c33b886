// The operator's command line: what it shows and changes, any gateway of a running system knows and does (/v1/ops).
using NearbyFriends.Ops;

return await new OpsCommands(Environment.GetEnvironmentVariable).Create().Parse(args).InvokeAsync();
