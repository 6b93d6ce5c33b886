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

    [Fact]
    public async Task The_first_location_opens_the_list_and_updates_change_it()
    {
        await using var client = new NearbyClient(_gateway.Options(_clock));
        var (session, _) = await ConnectAsync(client);
        var moved = new List<FriendMoved>();
        var left = new List<FriendLeft>();
        client.FriendMoved += (_, change) => moved.Add(change);
        client.FriendLeft += (_, change) => left.Add(change);

        Assert.True(await client.SendAsync(new(10, 20, client.Now, 12), Cancelled));
        var location = await session.ReceiveAsync();
        Assert.Equal(("location", 10, 20, client.Now, 12), (
            location.GetProperty("type").GetString(), location.GetProperty("lat").GetDouble(), location.GetProperty("lon").GetDouble(),
            location.GetProperty("time").GetInt64(), location.GetProperty("accuracy").GetDouble()));

        await session.SendAsync($$"""
            {"list":1,"page":1,"friends":[{"id":"9007199254740993","name":"Ada","lat":10.01,"lon":20,"time":{{client.Now}},"distance":1112}],
             "total":1,"cursor":null,"type":"nearby"}
            """);
        await session.SendAsync("""{"type":"somethingNew","x":1}""");
        await session.SendAsync($$"""
            {"type":"friends","list":1,"total":1,"moved":[{"id":"8","name":"Bo","lat":10.02,"lon":20,"time":{{client.Now}},"distance":2224}],
             "left":[{"id":"9007199254740993","reason":"gone"}]}
            """);
        await Eventually.True(() => left.Count == 1, "the flush is applied");

        Assert.Equal((8, "Bo", true, 2224), (moved[0].Friend.Id, moved[0].Friend.Name, moved[0].Added, moved[0].ReportedDistance));
        Assert.Equal((9007199254740993, LeaveReason.Gone), (left[0].Friend.Id, left[0].Reason));
        Assert.Equal([8], client.List.Friends.Select(friend => friend.Id));
    }

    [Fact]
    public async Task Strangers_are_followed_and_asked_for_again_after_a_break()
    {
        await using var client = new NearbyClient(_gateway.Options());
        var (first, _) = await ConnectAsync(client);
        await client.ShowStrangersAsync(1_000, Cancelled);
        Assert.Equal(1_000, (await first.ReceiveAsync()).GetProperty("radius").GetInt32());

        await first.SendAsync("""
            {"type":"strangers","list":1,"people":[{"id":"9007199254740993","name":"Ada","lat":10,"lon":20,"time":1,"distance":300},
             {"id":"2","name":"Bo","lat":10,"lon":20,"time":1,"distance":200}],"left":[],"total":70}
            """);
        await first.SendAsync("""
            {"type":"strangers","list":1,"people":[{"id":"9007199254740993","lat":11,"lon":20,"time":2,"distance":100}],"left":["2"],"total":69}
            """);
        await Eventually.True(() => client.Strangers.Total == 69, "both messages are applied");
        Assert.Equal([new Stranger(9007199254740993, "Ada", 11, 20, 2, 100)], client.Strangers.People);

        first.Abort();
        var second = await _gateway.NextAsync();
        await second.WelcomeAsync(client.Now);
        Assert.Equal("strangers", await second.ReceiveTypeAsync());
        await second.SendAsync("""{"type":"strangers","list":1,"people":[],"left":[],"total":0}""");
        await Eventually.True(() => client.Strangers.People.Count == 0, "the first list of a session replaces the one before");
    }

    [Fact]
    public async Task Who_stopped_sharing_while_there_was_no_session_sees_nobody_in_the_next_one()
    {
        await using var client = new NearbyClient(_gateway.Options());
        var (first, _) = await ConnectAsync(client);
        await first.SendAsync($$"""
            {"type":"nearby","list":1,"page":1,"friends":[{"id":"8","name":"Ada","lat":10,"lon":20,"time":{{client.Now}},"distance":100}],"total":1,"cursor":null}
            """);
        await first.SendAsync("""{"type":"strangers","list":1,"people":[{"id":"9","name":"Cy","lat":10,"lon":20,"time":1,"distance":300}],"left":[],"total":1}""");
        await Eventually.True(() => client.List.Friends.Count == 1 && client.Strangers.Total == 1, "both are listed");

        first.Abort();
        var second = await _gateway.NextAsync();
        await second.WelcomeAsync(client.Now, sharing: false);

        await Eventually.True(() => client.List.Friends.Count == 0 && client.Strangers is { Total: 0, People.Count: 0 }, "nobody is listed");
    }

    [Fact]
    public async Task After_a_break_it_comes_back_with_its_settings_and_its_last_location()
    {
        await using var client = new NearbyClient(_gateway.Options() with { Flush = TimeSpan.FromMilliseconds(500), RadiusMetres = 1000 });
        var (first, _) = await ConnectAsync(client);
        Assert.Equal(["pace", "radius"], [await first.ReceiveTypeAsync(), await first.ReceiveTypeAsync()]);
        await client.SendAsync(new(1, 2, 3), Cancelled);
        await first.ReceiveAsync();

        first.Abort();
        var second = await _gateway.NextAsync();
        await second.WelcomeAsync(client.Now);

        Assert.Equal(["pace", "radius"], [await second.ReceiveTypeAsync(), await second.ReceiveTypeAsync()]);
        Assert.Equal(3, (await second.ReceiveAsync()).GetProperty("time").GetInt64());
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(1011)]
    [InlineData(1012)]
    [InlineData(4408)]
    [InlineData(4429)]
    public async Task It_reconnects_after(int code)
    {
        await using var client = new NearbyClient(_gateway.Options());
        Reconnecting? reconnecting = null;
        client.Reconnecting += (_, change) => reconnecting = change;
        var (session, _) = await ConnectAsync(client);

        await session.CloseAsync(code);
        var second = await _gateway.NextAsync();

        Assert.Equal((code, 1), (reconnecting!.Value.CloseCode, reconnecting.Value.Attempt));
        Assert.Equal("Bearer cached", second.Token);
        second.Abort();
    }

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
    public async Task An_expired_token_is_refreshed_before_it_reconnects()
    {
        await using var client = new NearbyClient(_gateway.Options());
        var (session, _) = await ConnectAsync(client);
        Assert.Equal("Bearer cached", session.Token);

        await session.CloseAsync(4401);

        var second = await _gateway.NextAsync();
        Assert.Equal("Bearer fresh", second.Token);
        second.Abort();
    }

    [Fact]
    public async Task A_gateway_that_refuses_every_fresh_token_ends_the_attempt_with_a_reason()
    {
        for (var i = 0; i < 3; i++)
        {
            _gateway.Refusals.Enqueue(401);
        }

        await using var client = new NearbyClient(_gateway.Options());

        var stopped = await Assert.ThrowsAsync<NearbyStoppedException>(() => client.ConnectAsync(Cancelled));
        Assert.Equal(StopReason.TokenRefused, stopped.Reason);
    }

    [Fact]
    public async Task A_gateway_that_is_not_ready_is_tried_again()
    {
        _gateway.Refusals.Enqueue(503);
        _gateway.Refusals.Enqueue(502);
        await using var client = new NearbyClient(_gateway.Options());
        var (session, welcome) = await ConnectAsync(client);
        Assert.Equal(7, welcome.UserId);
        session.Abort();
    }

    [Fact]
    public async Task Told_to_reconnect_it_leaves_at_the_time_given_and_comes_back_at_once()
    {
        await using var client = new NearbyClient(_gateway.Options(_clock));
        var (session, _) = await ConnectAsync(client);
        Reconnecting? reconnecting = null;
        client.Reconnecting += (_, change) => reconnecting = change;

        await session.SendAsync("""{"type":"reconnect","afterMs":5000}""");
        await session.SendAsync("""{"type":"sharing","sharing":true}""");
        var goodbye = session.ReceiveTypeAsync();
        await Eventually.True(
            () =>
            {
                _clock.Advance(TimeSpan.FromMilliseconds(100));
                return goodbye.IsCompleted;
            },
            "the client says goodbye");
        Assert.Equal("closed", await goodbye);
        await session.AnswerGoodbyeAsync();

        await Eventually.True(() => reconnecting is not null, "the client reconnects");
        Assert.Equal((1000, TimeSpan.Zero), (reconnecting!.Value.CloseCode, reconnecting.Value.Delay));
        (await _gateway.NextAsync()).Abort();
    }

    [Fact]
    public async Task Points_gathered_offline_are_sent_newest_chunk_first_after_coming_back()
    {
        await using var client = new NearbyClient(_gateway.Options());
        var now = client.Now;
        for (var i = 0; i < 60; i++)
        {
            Assert.False(await client.SendAsync(new(1, 0, now - 60_000 + (i * 1_000)), Cancelled));
        }

        var (session, _) = await ConnectAsync(client);
        var newest = (await session.ReceiveAsync()).GetProperty("items");
        var oldest = (await session.ReceiveAsync()).GetProperty("items");

        Assert.Equal((50, 10), (newest.GetArrayLength(), oldest.GetArrayLength()));
        Assert.Equal(now - 1_000, newest[49].GetProperty("time").GetInt64());
        Assert.Equal(now - 60_000, oldest[0].GetProperty("time").GetInt64());
        Assert.Equal(60, client.OfflineCount);
        Assert.Equal("gathered", (await session.ReceiveAsync()).GetProperty("ref").GetString());
        await session.CloseAsync(1009);
        Assert.Equal(StopReason.ProtocolViolation, await client.Completion);
        Assert.Equal(60, client.OfflineCount);
    }

    [Fact]
    public async Task Points_gathered_offline_are_forgotten_once_the_gateway_has_them()
    {
        await using var client = new NearbyClient(_gateway.Options());
        await client.SendAsync(new(1, 0, client.Now), Cancelled);
        var (session, _) = await ConnectAsync(client);
        Assert.Equal("locations", await session.ReceiveTypeAsync());
        Assert.Equal("foreground", await session.ReceiveTypeAsync());

        await session.SendAsync("""{"type":"error","code":"no_location","message":"m","ref":"gathered"}""");

        await Eventually.True(() => client.OfflineCount == 0, "the gateway's word");
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
    public async Task A_friend_who_goes_silent_leaves_without_a_message()
    {
        await using var client = new NearbyClient(_gateway.Options(_clock));
        var (session, _) = await ConnectAsync(client);
        var left = new List<FriendLeft>();
        client.FriendLeft += (_, change) => left.Add(change);
        await session.SendAsync(Page(1, 1, null, 1));
        await Eventually.True(() => client.List.Friends.Count == 1, "the list opens");

        _clock.Advance(TimeSpan.FromMilliseconds(599_000));
        Assert.Empty(left);
        _clock.Advance(TimeSpan.FromMilliseconds(2_000));
        Assert.Equal(LeaveReason.Gone, Assert.Single(left).Reason);
    }

    [Fact]
    public async Task A_device_that_stands_still_and_reports_nothing_more_is_kept_active()
    {
        await using var client = new NearbyClient(_gateway.Options(_clock));
        var (session, _) = await ConnectAsync(client);
        await client.ReportAsync(new(1, 2, client.Now), Cancelled);
        var first = await session.ReceiveAsync();

        _clock.Advance(TimeSpan.FromMinutes(6));

        var second = await session.ReceiveAsync();
        Assert.Equal(1, second.GetProperty("lat").GetDouble());
        Assert.InRange(second.GetProperty("time").GetInt64() - first.GetProperty("time").GetInt64(), 300_000, 302_000);
    }

    [Fact]
    public async Task A_location_that_is_forgotten_is_not_sent_with_a_later_time()
    {
        await using var client = new NearbyClient(_gateway.Options(_clock));
        var (session, _) = await ConnectAsync(client);
        await client.ReportAsync(new(1, 2, client.Now), Cancelled);
        await session.ReceiveAsync();
        client.ForgetLocation();

        _clock.Advance(TimeSpan.FromMinutes(6));
        await client.EnterBackgroundAsync(Cancelled);

        Assert.Equal("background", await session.ReceiveTypeAsync());
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_corrected_by_the_gateways()
    {
        await using var client = new NearbyClient(_gateway.Options(_clock));
        var connecting = client.ConnectAsync(Cancelled);
        var session = await _gateway.NextAsync();
        await session.WelcomeAsync(_clock.Milliseconds + 3_600_000);
        await connecting;
        Assert.Equal(_clock.Milliseconds + 3_600_000, client.Now);

        await session.SendAsync($$"""{"type":"error","code":"clock_skew","message":"m","now":{{_clock.Milliseconds + 10}}}""");
        await Eventually.True(() => client.Now == _clock.Milliseconds + 10, "the clock is set");
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
