using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Gateway;
using NearbyFriends.Gateway.Ingress;

namespace NearbyFriends.UnitTests.Ingress;

/// <summary>How long a gateway lets locations wait for each other.</summary>
public sealed class FrameWindowTests
{
    [Theory]
    [InlineData("00:00:02", null, 100)]
    [InlineData("00:00:01", null, 50)]
    [InlineData("00:00:00", null, 25)]
    [InlineData("00:00:30", null, 100)]
    [InlineData("00:00:02", "00:00:00.007", 7)]
    public void Is_a_twentieth_of_the_pace_unless_it_is_set(string flush, string? set, double milliseconds)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Gateway:Flush"] = flush,
            ["Fanout:FrameWindow"] = set,
        }).Build());
        services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.Section);
        services.AddOptions<FanoutOptions>().BindConfiguration(FanoutOptions.Section);
        services.AddIngress();
        using var provider = services.BuildServiceProvider();

        Assert.Equal(milliseconds, provider.GetRequiredService<IOptions<FanoutOptions>>().Value.FrameWindow.TotalMilliseconds);
    }
}
