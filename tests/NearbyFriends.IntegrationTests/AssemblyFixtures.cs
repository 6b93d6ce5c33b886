using NearbyFriends.TestServers;

[assembly: AssemblyFixture(typeof(Servers))]
