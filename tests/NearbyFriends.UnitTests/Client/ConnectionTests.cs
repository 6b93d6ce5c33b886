using NearbyFriends.Client;
using NearbyFriends.Client.Connection;
using NearbyFriends.Client.Lists;
using NearbyFriends.Client.Wire;
using NearbyFriends.TestServers;

namespace NearbyFriends.UnitTests.Client;

public sealed class ConnectionTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private ScriptedGateway _gateway = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _gateway = await ScriptedGateway.StartAsync();

    public async ValueTask DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData(1008, StopReason.ProtocolViolation)]
    [InlineData(1009, StopReason.ProtocolViolation)]
    [InlineData(4403, StopReason.UserUnavailable)]
    public async Task It_stops_after(int code, StopReason reason)
    {
        await using var client = new NearbyClient(_gateway.Options());
        var changes = client.Changes(Cancelled);
        var (session, _) = await ConnectAsync(client);

        await session.CloseAsync(code);

        Assert.Equal(reason, await client.Completion.WaitAsync(TimeSpan.FromSeconds(20), Cancelled));
        Assert.Empty(await changes.ToListAsync(Cancelled));
        Assert.False(client.IsConnected);
    }

    [Fact]
    public async Task A_gateway_that_refuses_every_fresh_token_ends_the_attempt_with_a_reason()
    {
        for (var i = 0; i < 3; i++)
        {
            _gateway.Refusals.Enqueue((401, null));
        }

        await using var client = new NearbyClient(_gateway.Options());

        var stopped = await Assert.ThrowsAsync<NearbyStoppedException>(() => client.ConnectAsync(Cancelled));
        Assert.Equal(StopReason.TokenRefused, stopped.Reason);
    }

    [Fact]
    public async Task A_gateway_that_is_not_ready_is_tried_again()
    {
        _gateway.Refusals.Enqueue((503, null));
        _gateway.Refusals.Enqueue((502, null));
        await using var client = new NearbyClient(_gateway.Options());
        var (session, welcome) = await ConnectAsync(client);
        Assert.Equal(7, welcome.UserId);
        session.Abort();
    }

    [Fact]
    public async Task A_planned_close_that_is_not_answered_is_given_up()
    {
        _gateway.CloseAnswer = CloseAnswer.None;
        await using var client = new NearbyClient(_gateway.Options() with { KeepAlive = Timeout.InfiniteTimeSpan });
        var (session, _) = await ConnectAsync(client);

        await session.SendAsync("""{"type":"reconnect","afterMs":0}""");

        var next = await _gateway.NextAsync();
        Assert.NotSame(session, next);
    }

    [Fact]
    public async Task Pages_are_asked_for_until_there_is_none()
    {
        await using var client = new NearbyClient(_gateway.Options(_clock));
        var (session, _) = await ConnectAsync(client);
        await session.SendAsync(Page(1, 1, "c1", 1, 2));
        await Eventually.True(() => client.List.HasMore, "the list opens");

        var loading = client.LoadAllAsync(Cancelled);
        foreach (var (page, cursor, next) in ((int, string, string?)[])[(2, "c1", "c2"), (3, "c2", null)])
        {
            var asked = await session.ReceiveAsync();
            Assert.Equal(("page", cursor), (asked.GetProperty("type").GetString(), asked.GetProperty("cursor").GetString()));
            await session.SendAsync(Page(1, page, next, page * 10)[..^1] + $$""","ref":"{{asked.GetProperty("ref").GetString()}}"}""");
        }

        await loading;
        Assert.Equal([1, 2, 20, 30], client.List.Friends.Select(friend => friend.Id).Order());
        Assert.False(await client.MoreAsync(Cancelled));
    }

    [Fact]
    public async Task A_page_of_an_expired_cursor_fails_with_the_code()
    {
        await using var client = new NearbyClient(_gateway.Options(_clock));
        var (session, _) = await ConnectAsync(client);
        await session.SendAsync(Page(1, 1, "c1", 1));
        await Eventually.True(() => client.List.HasMore, "the list opens");

        var more = client.MoreAsync(Cancelled);
        var asked = await session.ReceiveAsync();
        await session.SendAsync($$"""{"type":"error","code":"cursor_expired","message":"m","ref":"{{asked.GetProperty("ref").GetString()}}"}""");

        Assert.Equal("cursor_expired", (await Assert.ThrowsAsync<NearbyRequestException>(() => more)).Code);
    }

    [Fact]
    public async Task A_reader_of_changes_sees_them_in_order()
    {
        await using var client = new NearbyClient(_gateway.Options(_clock));
        var (session, _) = await ConnectAsync(client);
        await using var changes = client.Changes(Cancelled).GetAsyncEnumerator(Cancelled);
        await session.SendAsync(Page(1, 1, null, 1));
        await session.SendAsync("""{"type":"friendRemoved","id":"1"}""");

        Assert.True(await changes.MoveNextAsync());
        Assert.Equal(ListChangeKind.Replaced, changes.Current.Kind);
        Assert.True(await changes.MoveNextAsync());
        Assert.Equal((ListChangeKind.Left, 1), (changes.Current.Kind, changes.Current.Friend.Id));
    }

    [Fact]
    public async Task A_gateway_that_accepts_and_says_nothing_is_left_for_another_try()
    {
        await using var client = new NearbyClient(_gateway.Options() with { ConnectTimeout = TimeSpan.FromMilliseconds(200) });
        var connecting = client.ConnectAsync(Cancelled);
        var silent = await _gateway.NextAsync();
        await silent.Ended;

        // On a busy machine 200 ms may not be enough for the next one either.
        while (!connecting.IsCompleted)
        {
            var session = await _gateway.NextAsync();
            await Task.WhenAny(session.WelcomeAsync(client.Now)); // fails if the client has left
            await Task.WhenAny(connecting, session.Ended).WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        }

        await connecting;
    }

    [Theory]
    [InlineData(91, 0)]
    [InlineData(0, -180.1)]
    [InlineData(double.NaN, 0)]
    public async Task A_location_that_is_not_on_earth_is_refused(double latitude, double longitude)
    {
        await using var client = new NearbyClient(_gateway.Options());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await client.SendAsync(new(latitude, longitude, 1), Cancelled));
    }

    private async Task<(ScriptedGateway.Session Session, Welcome Welcome)> ConnectAsync(NearbyClient client)
    {
        var connecting = client.ConnectAsync(Cancelled);
        var session = await _gateway.NextAsync();
        await session.WelcomeAsync(client.Now);
        return (session, await connecting);
    }

    private string Page(long list, int page, string? cursor, params long[] ids) =>
        $$"""{"type":"nearby","list":{{list}},"page":{{page}},"total":4,"cursor":{{(cursor is null ? "null" : $"\"{cursor}\"")}},"friends":["""
        + string.Join(',', ids.Select(id => $$"""{"id":"{{id}}","name":"n","lat":1,"lon":1,"time":{{_clock.Milliseconds}},"distance":5}"""))
        + "]}";
}
