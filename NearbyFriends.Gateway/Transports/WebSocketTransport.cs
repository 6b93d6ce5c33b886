using System.Buffers;
using System.Net.WebSockets;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.Gateway.Transports;

/// <summary>A client behind a WebSocket: JSON in text messages, or protobuf in binary ones.</summary>
/// <param name="socket">The socket.</param>
/// <param name="connection">What it runs over.</param>
/// <param name="format">How messages are written.</param>
/// <param name="options">When silent peers are pinged and given up.</param>
public sealed class WebSocketTransport(WebSocket socket, KeepAliveStream connection, MessageFormat format, GatewayOptions options) : Transport
{
    /// <summary>Bytes of the largest message a client may send.</summary>
    public const int MaxMessageBytes = 16 * 1024;

    private const int UsualMessageBytes = 4096; // few are longer

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly WebSocketMessageType _messageType =
        format == MessageFormat.Protobuf ? WebSocketMessageType.Binary : WebSocketMessageType.Text;

    public override MessageFormat Format => format;

    public override ValueTask SendAsync(MessageBuffer message) =>
        socket.SendAsync(message.Written, _messageType, endOfMessage: true, CancellationToken.None);

    public override void WhenHeard(Action heard) => connection.WhenHeard(heard);

    public override void KeepAlive()
    {
        if (socket.State == WebSocketState.Open
            && !connection.Check((long)options.PingEvery.TotalMilliseconds, (long)options.PingTimeout.TotalMilliseconds))
        {
            socket.Abort();
        }
    }

    /// <summary>
    /// Hands over each message as it comes, until the peer closes or the connection breaks. While the peer is silent
    /// no buffer is held: a read of nothing waits for the first byte. After <see cref="CloseAsync"/> messages are read
    /// and dropped until the peer closes too, so that the close frame is not lost to a reset.
    /// </summary>
    /// <param name="handle">Takes a message; false ends the session with 1008.</param>
    /// <exception cref="OperationCanceledException">The peer did not answer a close in time.</exception>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async Task ReceiveAsync(Func<ReadOnlyMemory<byte>, ValueTask<bool>> handle)
    {
        while (true)
        {
            var part = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            var buffer = ArrayPool<byte>.Shared.Rent(UsualMessageBytes);
            try
            {
                var length = 0;
                while (part is { MessageType: not WebSocketMessageType.Close, EndOfMessage: false } && length <= MaxMessageBytes)
                {
                    buffer = length < buffer.Length ? buffer : Larger(buffer);
                    part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    length += part.Count;
                }

                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                if (socket.State != WebSocketState.Open)
                {
                    continue;
                }

                if (length > MaxMessageBytes)
                {
                    await CloseAsync(CloseCodes.TooBig, "A message may have 16384 bytes.");
                }
                else if (!await handle(buffer.AsMemory(0, length)))
                {
                    await CloseAsync(CloseCodes.Policy, "Too many messages are invalid, or beyond the limits.");
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    public override async Task CloseAsync(int code, string reason)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            return; // closed already, with a code that may still be on its way
        }

        _ = AbortLaterAsync(); // unless the peer closes too; who receives ends then
        try
        {
            await socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, CancellationToken.None);
        }
        catch (Exception)
        {
            socket.Abort(); // it does not take even this, or is gone already
        }
    }

    private async Task AbortLaterAsync()
    {
        await Task.Delay(CloseTimeout);
        socket.Abort();
    }

    private static byte[] Larger(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(MaxMessageBytes + 1);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
