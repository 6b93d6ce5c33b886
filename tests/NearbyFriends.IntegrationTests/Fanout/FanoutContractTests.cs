using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Fanout;

public sealed class RingPartitioned(Servers servers) : RingFanoutSystem(servers, "Partitioned(16)");

public sealed class RingPartitionedTests(RingPartitioned fanout) : FanoutContract(fanout), IClassFixture<RingPartitioned>;

public sealed class RingPerUser(Servers servers) : RingFanoutSystem(servers, "PerUser");

public sealed class RingPerUserTests(RingPerUser fanout) : FanoutContract(fanout), IClassFixture<RingPerUser>;

public sealed class ClusterPartitioned(Servers servers) : ClusterFanoutSystem(servers, "Partitioned(16)");

public sealed class ClusterPartitionedTests(ClusterPartitioned fanout) : FanoutContract(fanout), IClassFixture<ClusterPartitioned>;

public sealed class ClusterPerUser(Servers servers) : ClusterFanoutSystem(servers, "PerUser");

public sealed class ClusterPerUserTests(ClusterPerUser fanout) : FanoutContract(fanout), IClassFixture<ClusterPerUser>;

public sealed class ActorsPartitioned(Servers servers) : ActorFanoutSystem(servers, "Partitioned(16)");

public sealed class ActorsPartitionedTests(ActorsPartitioned fanout) : FanoutContract(fanout), IClassFixture<ActorsPartitioned>;

public sealed class ActorsPerUser(Servers servers) : ActorFanoutSystem(servers, "PerUser");

public sealed class ActorsPerUserTests(ActorsPerUser fanout) : FanoutContract(fanout), IClassFixture<ActorsPerUser>;
