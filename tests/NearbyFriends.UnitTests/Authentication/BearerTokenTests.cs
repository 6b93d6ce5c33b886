using System.Net;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using NearbyFriends.ServiceDefaults.Authentication;

namespace NearbyFriends.UnitTests.Authentication;

public class BearerTokenTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_token_stands_for_its_user()
    {
        var token = Tokens(TestService.SigningKey, Now).Issue(42);

        Assert.Equal((HttpStatusCode.OK, "42"), await AskAsync(token));
    }

    [Fact]
    public async Task Without_a_token_nobody_is_let_in() =>
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(token: null)).Status);

    [Theory]
    [InlineData(29, HttpStatusCode.OK)]
    [InlineData(31, HttpStatusCode.Unauthorized)]
    public async Task A_token_ends_with_its_lifetime_and_half_a_minute_for_the_clocks(int secondsAfterItsEnd, HttpStatusCode expected)
    {
        var issuer = Tokens(TestService.SigningKey, Now);
        var issued = Now - issuer.Lifetime - TimeSpan.FromSeconds(secondsAfterItsEnd);

        Assert.Equal(expected, (await AskAsync(Tokens(TestService.SigningKey, issued).Issue(42))).Status);
    }

    [Fact]
    public async Task A_token_from_the_future_is_refused() =>
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(Tokens(TestService.SigningKey, Now.AddMinutes(1)).Issue(42))).Status);

    [Fact]
    public async Task A_token_signed_with_another_key_is_refused() =>
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(Tokens("another key that is long enough, too", Now).Issue(42))).Status);

    [Fact]
    public async Task While_keys_change_tokens_of_both_are_taken_and_those_of_a_third_are_not()
    {
        const string Before = "the key before, longer than thirty-two bytes";

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(Tokens(Before, Now).Issue(42), previousKey: Before)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(Tokens(TestService.SigningKey, Now).Issue(42), previousKey: Before)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(Tokens("a third key that is long enough, too", Now).Issue(42), previousKey: Before)).Status);
    }

    [Theory]
    [InlineData("nearbyfriends", "nearbyfriends", SecurityAlgorithms.HmacSha256, HttpStatusCode.OK)]
    [InlineData("somebody", "nearbyfriends", SecurityAlgorithms.HmacSha256, HttpStatusCode.Unauthorized)]
    [InlineData("nearbyfriends", "somebody", SecurityAlgorithms.HmacSha256, HttpStatusCode.Unauthorized)]
    [InlineData("nearbyfriends", "nearbyfriends", SecurityAlgorithms.HmacSha384, HttpStatusCode.Unauthorized)]
    [InlineData("nearbyfriends", "nearbyfriends", null, HttpStatusCode.Unauthorized)]
    public async Task Issuer_audience_and_algorithm_must_be_the_systems_own(string issuer, string audience, string? algorithm, HttpStatusCode expected)
    {
        var key = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(TestService.SigningKey + TestService.SigningKey));
        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Subject = new ClaimsIdentity([new("sub", "42")]),
            NotBefore = Now.UtcDateTime,
            Expires = Now.UtcDateTime.AddHours(1),
            SigningCredentials = algorithm is null ? null : new(key, algorithm),
        });

        Assert.Equal(expected, (await AskAsync(token, TestService.SigningKey + TestService.SigningKey)).Status);
    }

    [Fact]
    public void No_tokens_are_issued_where_a_provider_does()
    {
        var tokens = new DevelopmentTokens(Options.Create(new AuthOptions { Authority = "https://login.example" }), TimeProvider.System);

        Assert.Contains("Auth:SigningKey", Assert.Throws<InvalidOperationException>(() => tokens.Issue(42)).Message, StringComparison.Ordinal);
    }

    private static DevelopmentTokens Tokens(string key, DateTimeOffset now) =>
        new(Options.Create(new AuthOptions { SigningKey = key }), TestService.Clock(now));

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(
        string? token, string signingKey = TestService.SigningKey, string? previousKey = null)
    {
        await using var service = await TestService.StartAsync(
            new() { ["Auth:SigningKey"] = signingKey, ["Auth:PreviousSigningKey"] = previousKey },
            builder =>
            {
                builder.Services.AddSingleton(TestService.Clock(Now));
                builder.AddNearbyAuthentication();
            },
            app => app.MapGet("/me", (ClaimsPrincipal user) => user.FindFirstValue("sub")).RequireAuthorization());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/me");
        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
