using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace NearbyFriends.UnitTests.Proxies;

/// <summary>Whose word for a client's address counts. The tests' own requests come from 127.0.0.1.</summary>
public sealed class TrustedProxyTests
{
    private static readonly Dictionary<string, string?> Believing = new(StringComparer.Ordinal) { ["ForwardedHeaders_Enabled"] = "true" };

    [Theory]
    [InlineData(null, "127.0.0.1")]
    [InlineData("10.0.0.0/8", "127.0.0.1")]
    [InlineData("127.0.0.0/8", "203.0.113.9")]
    public async Task Only_a_configured_proxy_is_believed_even_where_the_framework_would_believe_everybody(string? network, string expected)
    {
        await using var service = await TestService.StartAsync(
            network is null ? Believing : new(Believing) { ["Proxies:Networks:0"] = network },
            map: app => app.MapGet("/address", (HttpContext http) => http.Connection.RemoteIpAddress!.ToString()));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/address");
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");

        using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_network_that_is_none_stops_the_service_with_the_settings_name()
    {
        var stopped = await Assert.ThrowsAnyAsync<Exception>(() => TestService.StartAsync(new() { ["Proxies:Networks:0"] = "the balancer" }));

        Assert.Contains("Proxies:Networks", stopped.Message, StringComparison.Ordinal);
    }
}
