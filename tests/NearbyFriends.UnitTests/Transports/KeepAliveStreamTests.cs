using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.Extensions.Time.Testing;
using NearbyFriends.Gateway.Transports;

namespace NearbyFriends.UnitTests.Transports;

/// <summary>A silent peer is pinged; who answers nothing is given up.</summary>
public sealed class KeepAliveStreamTests
{
    private const int Every = 25_000;
    private const int Timeout = 20_000;
    private static readonly byte[] Ping = [0x89, 0x00];
    private static readonly byte[] MaskedPong = [0x8A, 0x80, 0, 0, 0, 0];
    private static readonly byte[] MaskedText = [0x81, 0x81, 0, 0, 0, 0, (byte)'x'];

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_silent_peer_is_pinged_and_given_up_without_an_answer()
    {
        using var wire = new MemoryStream();
        await using var connection = new KeepAliveStream(wire, _clock);

        Advance(Every - 1);
        var before = (connection.Check(Every, Timeout), Convert.ToHexString(wire.ToArray()));
        Advance(1);
        var pinged = (connection.Check(Every, Timeout), Convert.ToHexString(wire.ToArray()));
        Advance(Timeout - 1);
        var waiting = (connection.Check(Every, Timeout), Convert.ToHexString(wire.ToArray()));
        Advance(1);
        var givenUp = connection.Check(Every, Timeout);

        Assert.Equal((true, ""), before);
        Assert.Equal((true, "8900"), pinged);
        Assert.Equal((true, "8900"), waiting);
        Assert.False(givenUp);
    }

    [Fact]
    public async Task After_a_standstill_of_the_gateway_a_peer_is_asked_before_it_is_given_up()
    {
        using var wire = new MemoryStream();
        await using var connection = new KeepAliveStream(wire, _clock);

        Advance(10 * (Every + Timeout));

        Assert.Equal((true, "8900"), (connection.Check(Every, Timeout), Convert.ToHexString(wire.ToArray())));
    }

    [Fact]
    public async Task Who_wants_to_know_whether_the_peer_is_there_is_called_once_with_the_next_bytes_after_a_ping()
    {
        using var wire = new MemoryStream();
        wire.Write([.. MaskedText, .. MaskedPong]);
        wire.Position = 0;
        await using var connection = new KeepAliveStream(wire, _clock);
        var (buffer, heard) = (new byte[MaskedText.Length], 0);
        await connection.ReadExactlyAsync(buffer, TestContext.Current.CancellationToken);

        wire.Position = wire.Length;
        connection.WhenHeard(() => heard++);
        var written = Convert.ToHexString(wire.ToArray().AsSpan(^2..));
        var end = await connection.ReadAsync(buffer, TestContext.Current.CancellationToken);
        var atEnd = heard; // nobody is there any more
        wire.Position = MaskedText.Length;
        await connection.ReadExactlyAsync(buffer.AsMemory(0, MaskedPong.Length), TestContext.Current.CancellationToken);
        await connection.ReadExactlyAsync(buffer.AsMemory(0, Ping.Length), TestContext.Current.CancellationToken);

        Assert.Equal("8900", written);
        Assert.Equal((0, 0, 1), (end, atEnd, heard));
    }

    [Fact]
    public async Task A_peer_that_answers_is_kept_and_one_that_sends_is_not_pinged()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        using var accepted = await accepting;
        await using var connection = new KeepAliveStream(accepted.GetStream(), _clock);
        using var socket = WebSocket.CreateFromStream(connection, new WebSocketCreationOptions { IsServer = true });
        var peer = client.GetStream();

        Advance(Every);
        var pinged = connection.Check(Every, Timeout);
        var ping = new byte[Ping.Length];
        await peer.ReadExactlyAsync(ping, TestContext.Current.CancellationToken);
        await peer.WriteAsync((byte[])[.. MaskedPong, .. MaskedText], TestContext.Current.CancellationToken);
        var buffer = new byte[16];
        var text = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
        Advance(Every - 1); // more than both since the start
        var kept = connection.Check(Every, Timeout);
        await socket.SendAsync(buffer.AsMemory(0, 1), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        var next = new byte[3];
        await peer.ReadExactlyAsync(next, TestContext.Current.CancellationToken);

        Assert.True(pinged);
        Assert.Equal(Ping, ping);
        Assert.Equal((1, (byte)'x'), (text.Count, buffer[0]));
        Assert.True(kept);
        Assert.Equal([0x81, 0x01, (byte)'x'], next); // and no other ping before it
    }

    private void Advance(int milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
