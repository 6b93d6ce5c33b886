using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NearbyFriends.UnitTests.Health;

public class HealthEndpointTests
{
    [Theory]
    [InlineData(HealthStatus.Healthy, HttpStatusCode.OK)]
    [InlineData(HealthStatus.Degraded, HttpStatusCode.OK)]
    [InlineData(HealthStatus.Unhealthy, HttpStatusCode.ServiceUnavailable)]
    public async Task Readiness_follows_every_check_and_liveness_none(HealthStatus server, HttpStatusCode readiness)
    {
        await using var service = await TestService.StartAsync(
            build: builder => builder.Services.AddHealthChecks().AddCheck("server", () => new HealthCheckResult(server)));

        using var health = await service.Client.GetAsync("/health", TestContext.Current.CancellationToken);
        using var alive = await service.Client.GetAsync("/alive", TestContext.Current.CancellationToken);

        Assert.Equal(readiness, health.StatusCode);
        Assert.Equal(server.ToString(), await health.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }
}
