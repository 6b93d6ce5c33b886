using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.ServiceDefaults.Authentication;

namespace NearbyFriends.UnitTests.Authentication;

public class OperatorPolicyTests
{
    private const string Key = "an operator's key";

    [Theory]
    [InlineData("operator", null, HttpStatusCode.OK)]
    [InlineData(null, Key, HttpStatusCode.OK)]
    [InlineData("user", Key, HttpStatusCode.OK)]
    [InlineData("user", null, HttpStatusCode.Forbidden)]
    [InlineData("user", "a guess", HttpStatusCode.Forbidden)]
    [InlineData(null, "a guess", HttpStatusCode.Unauthorized)]
    [InlineData(null, "", HttpStatusCode.Unauthorized)]
    [InlineData(null, null, HttpStatusCode.Unauthorized)]
    public async Task Operators_have_the_role_or_the_key(string? role, string? key, HttpStatusCode expected) =>
        Assert.Equal(expected, await AskAsync(Key, role, key));

    [Fact]
    public async Task Where_no_key_is_set_none_is_right() =>
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(operatorKey: null, role: null, key: ""));

    [Fact]
    public async Task Who_tries_keys_finds_the_right_one_useless_too()
    {
        await using var service = await StartAsync(Key);
        for (var i = 0; i < WrongKeys.PerMinute; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(service, role: null, $"guess {i}"));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(service, role: null, Key));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(service, "operator", key: null));
    }

    private static Task<TestService> StartAsync(string? operatorKey) => TestService.StartAsync(
        new() { ["Auth:SigningKey"] = TestService.SigningKey, ["Auth:OperatorKey"] = operatorKey },
        builder => builder.AddNearbyAuthentication(),
        app => app.MapGet("/ops", () => "").RequireAuthorization(OperatorPolicy.Name));

    private static async Task<HttpStatusCode> AskAsync(string? operatorKey, string? role, string? key)
    {
        await using var service = await StartAsync(operatorKey);
        return await AskAsync(service, role, key);
    }

    private static async Task<HttpStatusCode> AskAsync(TestService service, string? role, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ops");
        if (role is not null)
        {
            request.Headers.Authorization = new("Bearer", service.Services.GetRequiredService<DevelopmentTokens>().Issue(42, role));
        }

        if (key is not null)
        {
            request.Headers.Add(OperatorPolicy.Header, key);
        }

        using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
