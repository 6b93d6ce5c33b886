using Microsoft.Extensions.Options;

namespace NearbyFriends.IntegrationTests.Api;

[Collection(ApiCollection.Name)]
public sealed class ConfigurationTests(ApiReplicas api)
{
    [Theory]
    [InlineData("Friends:MaxFriends", "5001")]
    [InlineData("Friends:ApiKey", "short")]
    [InlineData("RateLimits:RequestsPerUser", "0")]
    [InlineData("RateLimits:Window", "00:00:00")]
    [InlineData("Presence:RadiusMetres", "5")]
    public async Task A_setting_that_cannot_work_stops_the_service_with_a_sentence_that_names_it(string setting, string value)
    {
        var settings = new Dictionary<string, string>(api.Settings, StringComparer.Ordinal) { [setting] = value };

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => ApiServer.StartAsync(settings));

        Assert.Contains(setting, failure.Message, StringComparison.Ordinal);
    }
}
