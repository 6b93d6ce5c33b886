using Microsoft.Extensions.Options;
using NearbyFriends.ServiceDefaults.Authentication;

namespace NearbyFriends.UnitTests.Authentication;

public class AuthOptionsTests
{
    private const string Key = TestService.SigningKey;

    [Theory]
    [InlineData("Auth:Authority is not set", null, null, null)]
    [InlineData("Auth:SigningKey and Auth:Authority are both set", Key, "https://login.example", "nearby")]
    [InlineData("Auth:SigningKey must have at least 32 bytes", "short", null, null)]
    [InlineData("Auth:Audience is not set", null, "https://login.example", null)]
    [InlineData("Auth:Authority is 'login.example'", null, "login.example", "nearby")]
    [InlineData("Auth:Authority is 'http://login.example'", null, "http://login.example", "nearby")]
    [InlineData("Auth:OperatorKey must have at least 16 characters", Key, null, null, "guess")]
    public async Task Settings_that_cannot_work_stop_the_service_with_a_sentence(
        string sentence, string? signingKey, string? authority, string? audience, string? operatorKey = null)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(signingKey, authority, audience, operatorKey));

        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Key, null, null)]
    [InlineData(null, "https://login.example", "nearby")]
    public async Task A_key_or_a_provider_suffices(string? signingKey, string? authority, string? audience) =>
        await (await StartAsync(signingKey, authority, audience, operatorKey: null)).DisposeAsync();

    private static Task<TestService> StartAsync(string? signingKey, string? authority, string? audience, string? operatorKey) => TestService.StartAsync(
        new()
        {
            ["Auth:SigningKey"] = signingKey,
            ["Auth:Authority"] = authority,
            ["Auth:Audience"] = audience,
            ["Auth:OperatorKey"] = operatorKey,
        },
        builder => builder.AddNearbyAuthentication());
}
