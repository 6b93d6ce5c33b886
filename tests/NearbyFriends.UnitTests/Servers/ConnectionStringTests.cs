using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;
using NearbyFriends.ServiceDefaults.Servers;

namespace NearbyFriends.UnitTests.Servers;

public class ConnectionStringTests
{
    [Fact]
    public Task A_missing_redis_server_stops_the_service_with_its_name() =>
        StopsAsync("ConnectionStrings:location-cache is not set", builder => builder.AddRedisServer("location-cache"));

    [Fact]
    public Task A_missing_database_stops_the_service_with_its_name() =>
        StopsAsync("ConnectionStrings:users is not set", builder => builder.AddPostgresDatabase("users"));

    [Fact]
    public Task A_missing_standby_stops_the_service_with_its_name() =>
        StopsAsync(
            "ConnectionStrings:pubsub-standby-0 is not set",
            builder => builder.AddPubSubServers(),
            new() { ["Fanout:Standbys:0"] = "pubsub-standby-0" });

    private static async Task StopsAsync(string sentence, Action<WebApplicationBuilder> build, Dictionary<string, string?>? settings = null)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => TestService.StartAsync(settings, build));

        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
    }
}
