using System.Buffers.Text;
using System.Net.WebSockets;
using System.Text;
using NearbyFriends.LoadGenerator;

namespace NearbyFriends.Baselines;

/// <summary>
/// What Kestrel's WebSockets cost by themselves: for each message of a user, a ready message of the gateway's size to each
/// neighbour. Nothing is parsed, looked up, measured or stored.
/// </summary>
internal sealed class KestrelFanout(LoadPopulation people)
{
    private static readonly byte[] Opened = "{\"type\":\"opened\"}"u8.ToArray();
    private static readonly string[] Message = // as long as the gateway's
    [
        "{\"type\":\"friends\",\"list\":1,\"total\":40,\"moved\":[{\"id\":\"4503599627370496\",\"lat\":-59.991234,\"lon\":-149.991234,\"time\":",
        ",\"distance\":1234.5}],\"left\":[]}",
    ];

    private readonly Peer?[] _peers = new Peer?[people.Users];

    public async Task ServeAsync(HttpContext http, int user)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        var peer = _peers[user] = new Peer(socket);
        peer.Send(Opened);
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var first = await socket.ReceiveAsync(Memory<byte>.Empty, default);
                if (first.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                await socket.ReceiveAsync(buffer.AsMemory(), default);
                Tell(user);
            }
        }
        catch (WebSocketException)
        {
            // the peer is gone
        }
        finally
        {
            _peers[user] = null;
        }
    }

    private void Tell(int user)
    {
        Span<byte> time = stackalloc byte[20]; // so that receivers can tell how old it is
        Utf8Formatter.TryFormat(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), time, out var digits);
        byte[] message = [.. Encoding.ASCII.GetBytes(Message[0]), .. time[..digits], .. Encoding.ASCII.GetBytes(Message[1])];
        foreach (var neighbour in people.NeighboursOf(user))
        {
            _peers[neighbour]?.Send(message);
        }
    }

    /// <summary>A socket takes one message at a time; what comes meanwhile waits.</summary>
    private sealed class Peer(WebSocket socket)
    {
        private readonly Queue<byte[]> _waiting = [];
        private bool _isSending;

        public void Send(byte[] message)
        {
            lock (_waiting)
            {
                if (_isSending)
                {
                    _waiting.Enqueue(message);
                    return;
                }

                _isSending = true;
            }

            _ = SendAllAsync(message);
        }

        private async Task SendAllAsync(byte[]? message)
        {
            try
            {
                while (message is not null)
                {
                    await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, default);
                    lock (_waiting)
                    {
                        _isSending = _waiting.TryDequeue(out message);
                    }
                }
            }
            catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException)
            {
                // the peer is gone
            }
        }
    }
}
