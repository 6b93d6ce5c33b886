using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Core;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Load;

/// <summary>
/// A thousand clients whose sockets take nothing any more, while their friends keep moving: friends on gateway 1, the
/// stalled and one who reads on gateway 0.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class StalledReadersTests(Servers servers)
{
    private const double Latitude = 41.9028;
    private const double Longitude = 12.4964;
    private const int Friends = 25;

    [Fact]
    public async Task A_thousand_stalled_readers_hold_no_more_than_one_entry_a_friend_and_hurt_nobody()
    {
        const int Readers = 1_000;
        const int Rounds = 60;
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:Flush", "00:00:00"), ("Gateway:SendTimeout", "00:10:00"));
        await using var crowd = await Crowd.ArriveAsync(system, Readers);

        await crowd.MoveUntilAsync(() => crowd.CountStalled() == Readers, "every socket is full");
        await crowd.ExpectWitnessSeesTheLastRoundAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var round = 0; round < Rounds; round++)
        {
            await crowd.MoveAsync();
        }

        await crowd.ExpectWitnessSeesTheLastRoundAsync();
        var growth = GC.GetTotalMemory(forceFullCollection: true) - before;

        // 1.5 million updates went to stalled readers. A queue of anything, if only of numbers, would hold four bytes for
        // each; the outboxes were full before and have not grown.
        Assert.Equal(Readers, crowd.CountStalled());
        Assert.True(growth < Readers * Friends * Rounds * 2, $"{growth:N0} bytes more are held");
    }

    [Fact]
    public async Task Whose_socket_takes_nothing_for_too_long_is_closed_with_4408_and_who_reads_stays()
    {
        const int Readers = 100;
        using var telemetry = new ExportedTelemetry();
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:Flush", "00:00:00"), ("Gateway:SendTimeout", "00:00:01"));
        await using var crowd = await Crowd.ArriveAsync(system, Readers);

        await crowd.MoveUntilAsync(() => crowd.CountOpen() == 1, "only the client that reads is left");

        Assert.Equal(Readers, telemetry.Texts.Count(text => text.Contains("nearbyfriends.sessions.closed", StringComparison.Ordinal) && text.Contains("4408", StringComparison.Ordinal)));
        await crowd.MoveAsync();
        await crowd.ExpectWitnessSeesTheLastRoundAsync();
    }

    /// <summary>Friends who move, readers who do not read, and a witness who does.</summary>
    private sealed class Crowd(NearbySystem system, TestUser[] friends) : IAsyncDisposable
    {
        private readonly List<WireClient> _clients = [];
        private readonly List<WireClient> _moving = [];
        private readonly Dictionary<string, double> _seen = new(StringComparer.Ordinal);
        private readonly SessionRegistry _sessions = system.GatewayServices[0].GetRequiredService<SessionRegistry>();
        private WireClient _witness = null!;
        private Task _watching = Task.CompletedTask;
        private int _round;

        public static async Task<Crowd> ArriveAsync(NearbySystem system, int readers)
        {
            var friends = await Task.WhenAll(Enumerable.Range(0, Friends).Select(i => system.NewUserAsync($"Friend{i}")));
            var others = await system.NewCrowdAsync(readers + 1, friends);
            var crowd = new Crowd(system, friends);
            foreach (var friend in friends)
            {
                var client = await friend.ConnectAsync(gateway: 1);
                await client.LocateAsync(Latitude, Longitude);
                await client.ExpectAsync("nearby");
                await client.SendAsync(new { type = "background" });
                crowd._moving.Add(client);
            }

            crowd._witness = await others[0].ConnectAsync(gateway: 0);
            await crowd._witness.LocateAsync(Latitude, Longitude);
            await crowd._witness.ExpectAsync("nearby", m => m.GetProperty("total").GetInt32() == Friends);
            crowd._watching = crowd.WatchAsync();
            foreach (var reader in others.Skip(1))
            {
                var client = await WireClient.ConnectWithoutReadingAsync(system.Gateways[0], reader.Token, smallBuffers: true);
                crowd._clients.Add(client);
                await client.LocateAsync(Latitude, Longitude);
            }

            await Eventually.True(() => crowd.CountOpen() == readers + 1, "all sessions are open");
            return crowd;
        }

        public int CountOpen() => _sessions.Count;

        /// <summary>Sessions that have a message under way which the socket does not take.</summary>
        public int CountStalled() => _sessions.All.Count(session => session.IsStuck(TimeProvider.System.MonotonicMilliseconds() - 500));

        /// <summary>Every friend moves once.</summary>
        public async Task MoveAsync()
        {
            _round++;
            foreach (var client in _moving)
            {
                await client.LocateAsync(LatitudeOf(_round), Longitude);
            }
        }

        public Task MoveUntilAsync(Func<bool> condition, string what) => Eventually.True(
            async () =>
            {
                await MoveAsync();
                return condition();
            },
            what,
            TimeSpan.FromMinutes(2));

        public Task ExpectWitnessSeesTheLastRoundAsync() => Eventually.True(
            () =>
            {
                lock (_seen)
                {
                    return Array.TrueForAll(friends, friend => _seen.TryGetValue(friend.Id, out var latitude) && Math.Abs(latitude - LatitudeOf(_round)) < 1e-6);
                }
            },
            "who reads is told where every friend went last");

        public async ValueTask DisposeAsync()
        {
            foreach (var client in _clients.Concat(_moving).Append(_witness))
            {
                await client.DisposeAsync();
            }

            await _watching;
        }

        /// <summary>To and fro within a kilometre, never twice at one place in a row.</summary>
        private static double LatitudeOf(int round) => Latitude + (round % 100 * 0.0001);

        private async Task WatchAsync()
        {
            await foreach (var message in _witness.Messages)
            {
                if (!message.TryGetProperty("moved", out var moved))
                {
                    continue;
                }

                lock (_seen)
                {
                    foreach (var friend in moved.EnumerateArray())
                    {
                        _seen[friend.GetProperty("id").GetString()!] = friend.GetProperty("lat").GetDouble();
                    }
                }
            }
        }
    }
}
