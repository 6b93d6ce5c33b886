using System.Text;
using NearbyFriends.Gateway;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.LocationCache;

namespace NearbyFriends.UnitTests.Sessions;

/// <summary>What a client's messages are answered with, and how many of them a session takes.</summary>
public sealed class SessionCommandsTests
{
    private const long Me = 1;
    private static readonly TimeSpan ElevenMinutes = TimeSpan.FromMinutes(11);

    private readonly LoneGateway _gateway = new();
    private readonly RecordingClient _client = new();
    private readonly Session _session;

    public SessionCommandsTests()
    {
        _session = _gateway.Open(Me, [2], _client);
        _session.Own.TrySwitchSharing(1, sharing: true);
    }

    [Theory]
    [InlineData("1764000000000")]
    [InlineData("1764000000000.906")]
    [InlineData("1.764e12")]
    public async Task A_time_is_any_number(string time)
    {
        await SendAsync($$"""{"type":"location","lat":1,"lon":2,"time":{{time}}}""");

        Assert.Equal(["nearby"], _client.Types());
        Assert.Equal(1_764_000_000_000, _session.Own.Read().Location.Time);
    }

    [Theory]
    [InlineData("1e300", "clock_skew")]
    [InlineData("-1e300", "too_old")]
    [InlineData("\"1764000000000\"", "invalid_location")]
    public async Task A_time_that_cannot_be_is_answered(string time, string code)
    {
        await SendAsync($$"""{"type":"location","lat":1,"lon":2,"time":{{time}}}""");

        Assert.Equal(code, _client.Last.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_clock_eleven_minutes_slow_is_told_so_and_it_is_no_offence()
    {
        for (var i = 0; i < 30; i++)
        {
            Assert.True(await SendAsync(LocationOf(_gateway.Now - (long)ElevenMinutes.TotalMilliseconds), NoLimits));
            _gateway.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.All(_client.Received, error => Assert.Equal("clock_skew", error.GetProperty("code").GetString()));
        Assert.Contains("660 s behind", _client.Last.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(_gateway.Now - 1_000, _client.Last.GetProperty("now").GetInt64());
    }

    [Fact]
    public async Task Points_gathered_offline_may_be_old_and_so_may_a_point_older_than_the_current_one()
    {
        var old = _gateway.Now - (long)ElevenMinutes.TotalMilliseconds;
        await SendAsync($$"""{"type":"locations","items":[{"lat":1,"lon":2,"time":{{old}}}]}""");
        Assert.Equal("no_location", _client.Last.GetProperty("code").GetString());

        await SendAsync(LocationOf(_gateway.Now));
        _gateway.Advance(TimeSpan.FromSeconds(1));
        await SendAsync(LocationOf(old));

        Assert.Equal("nearby", _client.Last.GetProperty("type").GetString());
    }

    [Fact]
    public async Task The_first_list_is_sent_when_the_location_is_written_and_not_before()
    {
        var written = new TaskCompletionSource<LocationWrite?[]>();
        _gateway.WriteToCache = _ => written.Task;

        var sent = SendAsync(LocationOf(_gateway.Now));
        Assert.Empty(_client.Received);
        written.SetResult([LocationWrite.Current]);
        await sent;

        Assert.Equal(["nearby"], _client.Types());
    }

    [Theory]
    [InlineData("""{"type":"radius","metres":1000}""")]
    [InlineData("""{"type":"foreground"}""")]
    [InlineData("""{"type":"follow"}""")]
    [InlineData("""{"type":"page","cursor":"none"}""")]
    [InlineData("""{"type":"pace","flushMs":1000}""")]
    [InlineData("""{"type":"background"}""")]
    [InlineData("""{"type":"token","accessToken":"x.y.z"}""")]
    public async Task What_costs_work_is_limited_and_who_goes_on_is_closed(string message)
    {
        var commands = _gateway.CommandsOf(_session, new GatewayOptions { WorkBurst = 100, WorkPerSecond = 1, RefusalsPerMinute = 3 });
        await commands.HandleAsync("""{"type":"background"}"""u8.ToArray()); // all that there is

        Assert.True(await commands.HandleAsync(Encoding.UTF8.GetBytes(message)));
        Assert.True(await commands.HandleAsync(Encoding.UTF8.GetBytes(message)));
        Assert.False(await commands.HandleAsync(Encoding.UTF8.GetBytes(message)));

        Assert.All(_client.Received, error => Assert.Equal("rate_limited", error.GetProperty("code").GetString()));
        Assert.Equal(3, _client.Received.Count);
    }

    [Fact]
    public async Task A_list_costs_as_much_as_it_has_friends_and_work_comes_back_with_time()
    {
        var session = _gateway.Open(Me, [.. Enumerable.Range(2, 400).Select(id => (long)id)], _client);
        var commands = _gateway.CommandsOf(session, new GatewayOptions { WorkBurst = 1_000, WorkPerSecond = 500 });
        ReadOnlyMemory<byte> radius = """{"type":"radius","metres":1000}"""u8.ToArray();

        for (var i = 0; i < 3; i++)
        {
            await commands.HandleAsync(radius);
        }

        Assert.Single(_client.Received);
        _gateway.Advance(TimeSpan.FromSeconds(1));
        await commands.HandleAsync(radius);
        Assert.Single(_client.Received);
    }

    private static GatewayOptions NoLimits => new() { UpdatesPerSecond = 0, WorkPerSecond = 0 };

    private static string LocationOf(long time) => $$"""{"type":"location","lat":1,"lon":2,"time":{{time}}}""";

    private async Task<bool> SendAsync(string message, GatewayOptions? options = null) =>
        await _gateway.CommandsOf(_session, options).HandleAsync(Encoding.UTF8.GetBytes(message));
}
