using NearbyFriends.BrowserTests;
using NearbyFriends.TestServers;

// A browser and a whole system are enough for a small machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(Servers))]
[assembly: AssemblyFixture(typeof(Browser))]
