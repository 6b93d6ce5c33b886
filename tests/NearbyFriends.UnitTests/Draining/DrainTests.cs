using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NearbyFriends.Gateway;
using NearbyFriends.Gateway.Draining;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.UnitTests.Sessions;

namespace NearbyFriends.UnitTests.Draining;

/// <summary>A gateway with sessions and no servers that drains, on a clock that the test advances.</summary>
public sealed class DrainTests : IDisposable
{
    private readonly LoneGateway _gateway = new();
    private readonly List<RecordingClient> _clients = [];
    private readonly List<Session> _sessions = [];
    private readonly Drain _drain;

    public DrainTests() => _drain = new(
        () => _sessions,
        Options.Create(new GatewayOptions { DrainDelay = TimeSpan.FromSeconds(5), DrainPerSecond = 20, DrainTime = TimeSpan.FromSeconds(30) }),
        _gateway.Clock, NullLogger<Drain>.Instance);

    private int Sent => _clients.Count(client => client.CloseCode == 1012);

    public void Dispose() => _drain.Dispose();

    [Fact]
    public void It_is_unready_before_it_refuses_and_refuses_before_it_sends_away_at_its_rate()
    {
        Open(100);
        _drain.Begin();

        Assert.Equal((true, false, 0), (_drain.IsDraining, _drain.RefusesSessions, Sent));
        _gateway.Advance(TimeSpan.FromSeconds(4.9));
        Open(1); // a balancer that has not noticed yet
        Assert.Equal((false, 0), (_drain.RefusesSessions, Sent));

        _gateway.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal((true, 2), (_drain.RefusesSessions, Sent));
        for (var tenths = 1; tenths < 50; tenths++)
        {
            _gateway.Advance(TimeSpan.FromSeconds(0.1));
            Assert.Equal(2 + (2 * tenths), Sent);
        }

        _gateway.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(101, Sent);
        Assert.All(_clients, client => Assert.InRange(AfterMs(client), 1, 100));
        Assert.Equal(51, _clients.Count(client => AfterMs(client) == 1)); // and 50 half a batch later
    }

    [Fact]
    public async Task A_client_that_is_slow_to_take_messages_is_told_when_to_connect_again_before_it_is_closed()
    {
        Open(1);
        var (session, client) = (_sessions[0], _clients[0]);
        client.HoldUp();
        for (var i = 0; i < 300; i++)
        {
            session.Send(session.Format.FriendRemoved(i)); // the first is under way, the others wait
        }

        var stopping = _drain.StoppingAsync(CancellationToken.None);
        _gateway.Advance(TimeSpan.FromSeconds(5));
        _gateway.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Null(client.CloseCode);
        client.GoOn();

        await stopping.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["friendRemoved", "reconnect"], client.Types());
        Assert.Equal(1012, client.CloseCode);
    }

    [Fact]
    public async Task A_client_that_takes_nothing_is_closed_all_the_same()
    {
        Open(1);
        _clients[0].HoldUp();
        _sessions[0].Send(_sessions[0].Format.FriendRemoved(1));
        var stopping = _drain.StoppingAsync(CancellationToken.None);
        _gateway.Advance(TimeSpan.FromSeconds(5));

        _gateway.Advance(TimeSpan.FromSeconds(5));

        await stopping.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, Sent);
    }

    [Fact]
    public void A_drain_that_is_taken_back_keeps_whoever_was_not_sent_away()
    {
        Open(100);
        _drain.Begin();
        _gateway.Advance(TimeSpan.FromSeconds(5));
        _gateway.Advance(TimeSpan.FromSeconds(1));

        _drain.End();
        _gateway.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((false, false, 4), (_drain.IsDraining, _drain.RefusesSessions, Sent));
        _drain.Begin();
        _drain.End();
        _drain.Begin();
        _gateway.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((true, 4), (_drain.RefusesSessions, Sent)); // a new drain, from its first batch on
    }

    [Fact]
    public async Task A_stopping_gateway_drains_and_cannot_be_talked_out_of_it()
    {
        Open(40);
        var stopping = _drain.StoppingAsync(CancellationToken.None);

        _drain.End();
        _gateway.Advance(TimeSpan.FromSeconds(5));
        Assert.False(stopping.IsCompleted);
        for (var tenths = 0; tenths < 20; tenths++)
        {
            _gateway.Advance(TimeSpan.FromSeconds(0.1));
        }

        await stopping.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(40, Sent);
    }

    [Fact]
    public async Task A_host_without_patience_closes_the_rest_at_once_and_has_them_come_back_at_the_rate()
    {
        Open(1_000);
        using var patience = new CancellationTokenSource();
        var stopping = _drain.StoppingAsync(patience.Token);
        _gateway.Advance(TimeSpan.FromSeconds(5));

        await patience.CancelAsync();

        await stopping.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1_000, Sent);
        Assert.Equal(998 / 20 * 1_000, _clients.Max(AfterMs), tolerance: 1_000);
    }

    [Fact]
    public async Task A_drain_longer_than_its_longest_time_closes_the_rest_at_once()
    {
        Open(1_000); // 50 s at 20 a second
        var stopping = _drain.StoppingAsync(CancellationToken.None);
        _gateway.Advance(TimeSpan.FromSeconds(5));
        for (var tenths = 0; tenths < 300; tenths++)
        {
            _gateway.Advance(TimeSpan.FromSeconds(0.1));
        }

        await stopping.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1_000, Sent);
    }

    [Fact]
    public void The_host_waits_for_the_longest_drain_that_the_settings_allow()
    {
        var services = new ServiceCollection().AddDraining();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Gateway:DrainDelay"] = "00:00:07", ["Gateway:DrainTime"] = "00:03:00" }).Build());
        services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.Section);
        using var provider = services.BuildServiceProvider();

        Assert.True(provider.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout > TimeSpan.FromSeconds(187));
    }

    private static int AfterMs(RecordingClient client) =>
        client.Received.Single(message => message.GetProperty("type").GetString() == "reconnect").GetProperty("afterMs").GetInt32();

    private void Open(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var client = new RecordingClient();
            _clients.Add(client);
            _sessions.Add(_gateway.Open(1_000 + _clients.Count, [], client));
        }
    }
}
