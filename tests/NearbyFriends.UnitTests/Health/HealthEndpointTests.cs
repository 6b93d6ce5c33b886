using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.ServiceDefaults.Health;
using NearbyFriends.TestServers;

namespace NearbyFriends.UnitTests.Health;

public sealed class HealthEndpointTests
{
    private const string Key = "an operator's key";

    [Theory]
    [InlineData(HealthStatus.Healthy, "Healthy")]
    [InlineData(HealthStatus.Degraded, "Degraded")]
    [InlineData(HealthStatus.Unhealthy, "Degraded")]
    public async Task A_failing_server_degrades_the_service_and_leaves_it_ready(HealthStatus server, string word)
    {
        await using var service = await StartAsync(() => new(server, "secret detail"));

        await Eventually.True(async () => await AskAsync(service, "/health") == (HttpStatusCode.OK, word), $"the word is {word}");
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(service, "/alive")).Status);
    }

    [Fact]
    public async Task A_condition_of_the_process_itself_makes_it_unready_at_once_and_never_dead()
    {
        string? problem = null;
        await using var service = await StartAsync(() => HealthCheckResult.Healthy(), () => problem);
        Assert.Equal((HttpStatusCode.OK, "Healthy"), await AskAsync(service, "/health"));

        problem = "It drains.";

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unhealthy"), await AskAsync(service, "/health"));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(service, "/alive")).Status);
    }

    [Fact]
    public async Task However_often_it_is_asked_the_servers_are_not()
    {
        var checks = 0;
        await using var service = await StartAsync(() => Interlocked.Increment(ref checks) > 0 ? HealthCheckResult.Degraded() : default);
        await Eventually.True(async () => (await AskAsync(service, "/health")).Word == "Degraded", "the first check is done");
        var before = Volatile.Read(ref checks);

        for (var i = 0; i < 200; i++)
        {
            await AskAsync(service, "/health");
        }

        Assert.InRange(Volatile.Read(ref checks) - before, 0, 2); // by its own clock, every 5 s
    }

    [Fact]
    public async Task Operators_learn_what_fails_and_strangers_do_not()
    {
        await using var service = await StartAsync(() => HealthCheckResult.Degraded("The server is full."));
        await Eventually.True(async () => (await AskAsync(service, "/health")).Word == "Degraded", "the first check is done");

        using var stranger = await service.Client.GetAsync("/health/checks", TestContext.Current.CancellationToken);
        service.Client.DefaultRequestHeaders.Add(OperatorPolicy.Header, Key);
        var details = await service.Client.GetFromJsonAsync<JsonElement>("/health/checks", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        Assert.Equal("Degraded", details.GetProperty("status").GetString());
        var check = Assert.Single(details.GetProperty("checks").EnumerateArray(), check => check.GetProperty("name").GetString() == "server");
        Assert.Equal("The server is full.", check.GetProperty("reason").GetString());
    }

    private static Task<TestService> StartAsync(Func<HealthCheckResult> server, Func<string?>? problem = null) => TestService.StartAsync(
        new() { ["Auth:SigningKey"] = TestService.SigningKey, ["Auth:OperatorKey"] = Key },
        builder =>
        {
            builder.AddNearbyAuthentication();
            builder.Services.AddHealthChecks().AddCheck("server", server);
            builder.Services.AddReadiness("test", _ => problem?.Invoke());
        },
        app => app.MapHealthDetails(OperatorPolicy.Name));

    private static async Task<(HttpStatusCode Status, string Word)> AskAsync(TestService service, string path)
    {
        using var answer = await service.Client.GetAsync(path, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
