using NearbyFriends.ServiceDefaults.Servers;

namespace NearbyFriends.UnitTests.Servers;

/// <summary>What services say at their start about servers that cannot hold what is asked of them.</summary>
public sealed class StartChecksTests
{
    [Fact]
    public void The_pools_of_all_processes_are_added_up_and_each_counts_once_for_all_its_connections()
    {
        var api = ConnectionBudget.NameOf("Api", "api-1", poolSize: 20);
        var gateway = ConnectionBudget.NameOf("Gateway", "gateway-1", poolSize: 40);
        (string, string)[] pools = [("users", api), ("users", api), ("history", api), ("users", gateway), ("users", "psql")];

        Assert.Null(ConnectionBudget.Problem(pools, most: 110, "users"));
        var problem = ConnectionBudget.Problem(pools, most: 109, "users");
        Assert.Equal(
            "The 3 pools on this server may open 80 connections, and 30 are for others, but it takes 109: lower Postgres:PoolSize (or Maximum Pool Size in ConnectionStrings:users), or raise its max_connections.",
            problem);
    }

    [Fact]
    public void A_name_that_Postgres_cuts_still_has_its_size_and_its_process() =>
        Assert.StartsWith("pool=20 gateway-7d9f8b6c5d-abcde-0123abcd ", ConnectionBudget.NameOf("NearbyFriends.Gateway", "gateway-7d9f8b6c5d-abcde-0123abcd", 20)[..63]);

    [Theory]
    [InlineData("noeviction", "1000", null)]
    [InlineData("noeviction", "0", "set maxmemory.")]
    [InlineData("allkeys-lru", "1000", "set maxmemory-policy noeviction.")]
    [InlineData("volatile-ttl", "0", "set maxmemory-policy noeviction.")]
    public void A_server_that_evicts_or_has_no_limit_is_told_of(string policy, string most, string? remedy)
    {
        var problem = MemoryPolicy.Problem(new Dictionary<string, string> { ["maxmemory_policy"] = policy, ["maxmemory"] = most }, "location-cache");

        Assert.Equal(remedy is null, problem is null);
        Assert.EndsWith(remedy ?? "", problem ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_does_not_tell_is_left_alone() =>
        Assert.Null(MemoryPolicy.Problem(new Dictionary<string, string>(), "location-cache"));
}
