using NearbyFriends.BrowserTests;
using NearbyFriends.TestServers;

// A browser and a whole system are enough for a small machine.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Servers))]
[assembly: AssemblyFixture(typeof(Browser))]
