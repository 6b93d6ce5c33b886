using NearbyFriends.Core.Locations;

namespace NearbyFriends.UnitTests.Locations;

public class LocationCacheOptionsTests
{
    [Fact]
    public void A_cache_that_nobody_sharded_is_one_server() =>
        Assert.Equal(["location-cache"], new LocationCacheOptions().Shards);

    [Theory]
    [InlineData("LocationCache:Servers names 'a' more than once", "a", "b", "a")]
    [InlineData("LocationCache:Servers has an empty name", "a", " ")]
    public void What_cannot_work_is_said_in_a_sentence(string sentence, params string[] servers)
    {
        var result = new ValidateLocationCacheOptions().Validate(null, new() { Servers = servers });

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
