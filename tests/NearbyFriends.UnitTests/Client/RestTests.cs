using System.Net;
using System.Text;
using NearbyFriends.Client.Rest;

namespace NearbyFriends.UnitTests.Client;

public sealed class RestTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_problem_becomes_an_exception_with_its_code_and_when_to_try_again()
    {
        var api = Api(HttpStatusCode.TooManyRequests, "application/problem+json", """
            {"type":"https://nearbyfriends.dev/problems/rate-limited","title":"Too many requests","code":"rate-limited","status":429}
            """, retryAfter: 7);
        var error = await Assert.ThrowsAsync<NearbyApiException>(() => api.RequestFriendAsync(5, Cancelled));
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate-limited", TimeSpan.FromSeconds(7)), (error.Status, error.Code, error.RetryAfter));
    }

    [Fact]
    public async Task An_answer_of_something_in_between_has_no_code()
    {
        var api = Api(HttpStatusCode.BadGateway, "text/html", "<html>");
        var error = await Assert.ThrowsAsync<NearbyApiException>(() => api.MeAsync(Cancelled));
        Assert.Equal((HttpStatusCode.BadGateway, null), (error.Status, error.Code));
    }

    [Fact]
    public async Task Ids_are_read_from_strings_and_what_is_unknown_is_ignored()
    {
        var api = Api(HttpStatusCode.OK, "application/json", """
            {"id":"9007199254740993","userName":"ada","displayName":"Ada","sharing":true,"discoverable":false,"new":{"x":[1]}}
            """);
        var me = await api.MeAsync(Cancelled);
        Assert.Equal((9007199254740993, "ada", true, false), (me.Id, me.UserName, me.Sharing, me.Discoverable));
    }

    [Fact]
    public async Task A_user_who_cannot_be_found_is_null() =>
        Assert.Null(await Api(HttpStatusCode.NotFound, "application/problem+json", """{"code":"not-found"}""").FindUserAsync("nobody", Cancelled));

    [Fact]
    public async Task A_subscription_is_sent_as_browsers_write_it()
    {
        var sent = "";
        var api = Api(HttpStatusCode.Created, "application/json", """{"id":"s1","createdAt":1764000000000}""", onBody: body => sent = body);

        var added = await api.AddPushSubscriptionAsync(new("https://push.example/abc?d=1"), "key", "secret", Cancelled);

        Assert.Equal(("s1", 1_764_000_000_000), (added.Id, added.CreatedAt));
        Assert.Equal("""{"endpoint":"https://push.example/abc?d=1","keys":{"p256dh":"key","auth":"secret"}}""", sent);
    }

    private static NearbyApi Api(HttpStatusCode status, string mediaType, string body, int? retryAfter = null, Action<string>? onBody = null) =>
        new(new HttpClient(new Answer(status, mediaType, body, retryAfter, onBody)) { BaseAddress = new Uri("http://localhost") });

    private sealed class Answer(HttpStatusCode status, string mediaType, string body, int? retryAfter, Action<string>? onBody) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            onBody?.Invoke(request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken));
            var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, mediaType) };
            if (retryAfter is { } seconds)
            {
                response.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
            }

            return response;
        }
    }
}
