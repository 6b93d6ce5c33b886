using System.Globalization;
using System.Net.WebSockets;
using NearbyFriends.IntegrationTests.Contract;
using NearbyFriends.IntegrationTests.Load;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>100,000 damaged messages on live sockets leave other sessions untouched and memory flat.</summary>
[Collection(AloneCollection.Name)]
public sealed class FuzzTests(Servers servers)
{
    private const int Messages = 100_000;
    private const int Sockets = 4;
    private const int Seed = 20_240_229;

    [Fact]
    public async Task Damaged_messages_hurt_nobody()
    {
        await using var system = await NearbySystem.StartAsync(
            servers, ("Gateway:Flush", "00:00:00"), ("Gateway:UpdatesPerSecond", "0"), ("Gateway:SessionsPerUser", "1000"),
            ("Gateway:OffencesPerMinute", "1000000"));
        var (a, b) = await system.NewFriendsAsync();
        var attacker = await system.NewUserAsync("Mallory");
        await using var watcher = await a.ConnectAsync(gateway: 0);
        await using var friend = await b.ConnectAsync(gateway: 0);
        await watcher.LocateAsync(1, 0);
        await watcher.ExpectAsync("nearby");

        await FuzzAsync(system, attacker, Seed, Messages / 4);
        await SeeEachOtherAsync(watcher, friend, b, 1.001);
        var early = Heap();
        await FuzzAsync(system, attacker, Seed + Sockets, Messages - (Messages / 4));
        await SeeEachOtherAsync(watcher, friend, b, 1.002);
        var late = Heap();

        Assert.DoesNotContain("error", watcher.Types());
        Assert.DoesNotContain("error", friend.Types());
        Assert.True(late < early * 1.5, $"The heap grew from {early} to {late} bytes.");
        await using var next = await attacker.ConnectAsync(gateway: 0);
        await next.LocateAsync(1, 0);
        await next.ExpectAsync("nearby");
    }

    private static async Task SeeEachOtherAsync(WireClient watcher, WireClient friend, TestUser user, double lat)
    {
        await friend.LocateAsync(lat, 0);
        var seen = await watcher.ExpectMovedAsync(user);
        Assert.Equal(lat, seen.GetProperty("lat").GetDouble());
    }

    private static async Task FuzzAsync(NearbySystem system, TestUser user, int seed, int messages)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        string[] corpus =
        [
            .. AsyncApiDocument.Shipped.Messages("receive").SelectMany(AsyncApiDocument.ExamplesOf)
                .Select(example => example.Replace("1764000000000", now, StringComparison.Ordinal)),
        ];
        await Task.WhenAll(Enumerable.Range(0, Sockets).Select(
            socket => SendAllAsync(system, user, new Mutations(corpus, new Random(seed + socket)), messages / Sockets)));
    }

    /// <summary>Sends so many messages, on as many sockets one after the other as it takes.</summary>
    private static async Task SendAllAsync(NearbySystem system, TestUser user, Mutations mutations, int messages)
    {
        for (var sent = 0; sent < messages;)
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Authorization", $"Bearer {user.Token}");
            await socket.ConnectAsync(new UriBuilder(system.Gateways[0]) { Scheme = "ws", Path = "/v1/ws" }.Uri, CancellationToken.None);
            var reading = DiscardAsync(socket);
            try
            {
                for (; sent < messages && !reading.IsCompleted; sent++)
                {
                    await socket.SendAsync(mutations.Next(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                }
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException)
            {
                sent++; // the gateway ended the connection over the last message
            }

            socket.Abort();
            await reading;
            Assert.NotEqual(WebSocketCloseStatus.InternalServerError, socket.CloseStatus);
        }
    }

    private static async Task DiscardAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        try
        {
            while ((await socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // the connection ended
        }
    }

    private static long Heap()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
