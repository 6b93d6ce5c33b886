using Microsoft.Extensions.Options;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>A missing or wrong setting stops a gateway at start with a sentence that names it.</summary>
public sealed class SettingsTests(Servers servers)
{
    [Theory]
    [InlineData("ConnectionStrings:history-stream", "")]
    [InlineData("Gateway:PageSize", "0")]
    [InlineData("Gateway:SendTimeout", "00:00:00")]
    public async Task A_gateway_that_cannot_work_says_which_setting_is_wrong(string setting, string value)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(async () =>
        {
            await using var system = await NearbySystem.StartAsync(servers, (setting, value));
        });

        Assert.Contains(setting, refused.Message, StringComparison.Ordinal);
    }
}
