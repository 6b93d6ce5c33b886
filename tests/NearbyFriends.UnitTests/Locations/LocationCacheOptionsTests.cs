using NearbyFriends.LocationCache;


namespace NearbyFriends.UnitTests.Locations;

public class LocationCacheOptionsTests
{
    [Fact]
    public void A_cache_that_nobody_sharded_is_one_server() =>
        Assert.Equal(["location-cache"], new LocationCacheOptions().Shards);

    [Theory]
    [InlineData("LocationCache:Servers and LocationCache:Replicas name 'a' more than once", "a", "b", "a")]
    [InlineData("LocationCache:Servers has an empty name", "a", " ")]
    public void What_cannot_work_is_said_in_a_sentence(string sentence, params string[] servers)
    {
        var result = new ValidateLocationCacheOptions().Validate(null, new() { Servers = servers });

        Assert.Contains(sentence, result.FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Replicas_go_with_servers_in_order_and_may_be_left_out()
    {
        var options = new LocationCacheOptions { Servers = ["a", "b", "c"], Replicas = ["", "b-replica"] };

        Assert.Equal([null, "b-replica", null], Enumerable.Range(0, 3).Select(options.ReplicaOf));
        Assert.True(new ValidateLocationCacheOptions().Validate(null, options).Succeeded);
    }

    [Theory]
    [InlineData("LocationCache:Replicas names 2 servers; there are only 1", "b", "c")]
    [InlineData("LocationCache:Servers and LocationCache:Replicas name 'a' more than once", "a")]
    public void Replicas_that_cannot_work_are_said_in_a_sentence(string sentence, params string[] replicas)
    {
        var result = new ValidateLocationCacheOptions().Validate(null, new() { Servers = ["a"], Replicas = replicas });

        Assert.Contains(sentence, result.FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_64_servers_are_refused()
    {
        var servers = Enumerable.Range(0, 65).Select(index => $"cache-{index}").ToArray();

        var result = new ValidateLocationCacheOptions().Validate(null, new() { Servers = servers });

        Assert.Contains("LocationCache:Servers names 65 servers", result.FailureMessage, StringComparison.Ordinal);
    }
}
