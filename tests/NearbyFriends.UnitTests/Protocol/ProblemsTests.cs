using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using NearbyFriends.Gateway.Protocol;

namespace NearbyFriends.UnitTests.Protocol;

public sealed class ProblemsTests
{
    [Theory]
    [InlineData(ErrorCodes.InvalidLocation)]
    [InlineData(ErrorCodes.ClockSkew)]
    [InlineData(ErrorCodes.TooOld)]
    [InlineData(ErrorCodes.NoFix)]
    [InlineData(ErrorCodes.NotSharing)]
    public void A_location_that_is_rejected_in_a_session_has_a_problem_of_the_same_code_by_http(string errorCode)
    {
        Assert.Equal(errorCode.Replace('_', '-'), Problems.KindOf(errorCode).Code);
    }

    [Fact]
    public async Task A_request_that_fails_is_answered_with_a_problem_which_says_whether_a_server_is_unavailable()
    {
        await using var gateway = await TestService.StartAsync(map: app =>
        {
            app.UseProblemPages();
            app.MapGet("/v1/unavailable", string () => throw new TimeoutException());
            app.MapGet("/v1/fault", string () => throw new InvalidOperationException());
        });

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unavailable"), await AskAsync("v1/unavailable"));
        Assert.Equal((HttpStatusCode.InternalServerError, "server-error"), await AskAsync("v1/fault"));

        async Task<(HttpStatusCode Status, string? Code)> AskAsync(string path)
        {
            using var answer = await gateway.Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
            return (answer.StatusCode, problem.GetProperty("code").GetString());
        }
    }
}
