using System.Net;
using Aspire.Hosting.Testing;
using Xunit;

namespace NearbyFriends.AppHostTests;

/// <summary>The system as the AppHost starts it.</summary>
public sealed class RunningSystemTests(RunningSystem system)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("postgres")]
    [InlineData("users")]
    [InlineData("history")]
    [InlineData("location-cache")]
    [InlineData("pubsub-0")]
    [InlineData("pubsub-1")]
    [InlineData("pubsub-standby-0")]
    [InlineData("history-stream")]
    [InlineData("etcd")]
    [InlineData("api")]
    [InlineData("gateway")]
    [InlineData("history-worker")]
    public Task It_becomes_healthy(string resource) => system.Healthy(resource, Cancel);

    [Theory]
    [InlineData("api")]
    [InlineData("gateway")]
    [InlineData("history-worker")]
    public async Task A_service_answers_health(string service)
    {
        await system.Healthy(service, Cancel);

        using var client = (await system.Started()).CreateHttpClient(service);
        using var response = await client.GetAsync(new Uri("/health", UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Every_gateway_can_be_reached_by_itself_and_behind_the_one_port()
    {
        var endpoints = await system.Endpoints(Cancel);

        Assert.Equal(2, endpoints.Gateways.Distinct().Count());
        Assert.Equal((await system.Started()).GetEndpoint("gateway"), new Uri(endpoints.Gateway));
        using var client = new HttpClient();
        foreach (var address in endpoints.Gateways.Append(endpoints.Gateway).Append(endpoints.Api))
        {
            using var response = await client.GetAsync(new Uri(address + "/health"), Cancel);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task Every_redis_has_a_password_of_its_own()
    {
        string[] servers = ["location-cache", "pubsub-0", "pubsub-1", "pubsub-standby-0", "history-stream"];

        var application = await system.Started();
        List<string> passwords = [];
        foreach (var server in servers)
        {
            var connection = await application.GetConnectionStringAsync(server, Cancel);
            passwords.Add(connection!.Split(',').Single(part => part.StartsWith("password=", StringComparison.Ordinal)));
        }

        Assert.Equal(servers.Length, passwords.Distinct().Count());
    }
}
