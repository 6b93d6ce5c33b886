// The fleet that a number of users takes, by arithmetic and by simulation.
using NearbyFriends.CapacityPlan;

return await PlanCommand.Create().Parse(args).InvokeAsync();
