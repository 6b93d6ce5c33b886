using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace NearbyFriends.LoadGenerator;

/// <summary>
/// One connection of a load: sends its location when told to, counts friends' updates and how old they are.
/// </summary>
/// <remarks>
/// Leaner than <c>NearbyFriends.Client</c>, which keeps a list, timers and events for each connection and costs several
/// times what the gateway does for it: the machine that a load shares with its servers would mostly measure clients. The
/// handshake is written by hand (one request, one answer, any local address), the framing is the framework's. Friends'
/// updates are found by scanning for their <c>"time":</c>; no buffer is held while nothing comes.
/// </remarks>
internal sealed class LoadConnection(LoadTarget target, LoadPopulation people, int user, LoadCounters counters) : IDisposable
{
    private const int ReadBytes = 4096;

    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _beforeTime = Encoding.Latin1.GetBytes(Located(target, user).Split("{time}")[0]);
    private readonly byte[] _afterTime = Encoding.Latin1.GetBytes(Located(target, user).Split("{time}")[1]);
    private readonly byte[] _update = new byte[256];
    private readonly Lock _oneSend = new();
    private Socket? _socket;
    private WebSocket? _web;
    private Task _sending = Task.CompletedTask;

    /// <summary>When the next update is due, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long DueAt { get; set; }

    /// <summary>Whether it is connected.</summary>
    public bool IsOpen => _web?.State == WebSocketState.Open;

    /// <summary>Connects and sends the first location; ends when the server has answered it.</summary>
    public async Task OpenAsync(Uri server, IPAddress from, string? token)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.Bind(new IPEndPoint(from, 0));
        await _socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(server.Host), server.Port));
        await UpgradeAsync(server, token);
        _web = WebSocket.CreateFromStream(
            new NetworkStream(_socket), new WebSocketCreationOptions { SubProtocol = target.Protocol, KeepAliveInterval = TimeSpan.Zero });
        _ = ReadAsync();
        if (Hello() is { Length: > 0 } hello)
        {
            TrySend(hello);
            await _sending;
        }

        if (!target.UpdatesWhenOpened)
        {
            SendUpdate();
        }

        await _opened.Task.WaitAsync(TimeSpan.FromSeconds(30));
        if (target.UpdatesWhenOpened)
        {
            SendUpdate();
        }
    }

    /// <summary>Sends the location with the present time; false when what was sent before is still on its way.</summary>
    public bool SendUpdate()
    {
        lock (_oneSend)
        {
            if (!_sending.IsCompleted)
            {
                return false; // and the buffer is in use
            }

            var length = _beforeTime.Length;
            _beforeTime.CopyTo(_update, 0);
            Utf8Formatter.TryFormat(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), _update.AsSpan(length), out var digits);
            _afterTime.CopyTo(_update, length + digits);
            return TrySend(_update.AsMemory(0, length + digits + _afterTime.Length));
        }
    }

    public void Dispose()
    {
        _web?.Dispose();
        _socket?.Dispose();
    }

    private static string Located(LoadTarget target, int user)
    {
        var (latitude, longitude) = LoadPopulation.HomeOf(user);
        return target.Update
            .Replace("{id}", $"{LoadPopulation.IdOf(user)}", StringComparison.Ordinal)
            .Replace("{lat}", $"{latitude:0.000000}", StringComparison.Ordinal)
            .Replace("{lon}", $"{longitude:0.000000}", StringComparison.Ordinal);
    }

    private byte[] Hello()
    {
        var hello = new StringBuilder(target.Hello);
        var n = 0;
        foreach (var friend in target.Watch is null ? [] : people.FriendsOf(user))
        {
            hello.Append(target.Watch!.Replace("{friend}", $"{friend}", StringComparison.Ordinal).Replace("{n}", $"{++n}", StringComparison.Ordinal));
        }

        return Encoding.Latin1.GetBytes(hello.Append(target.Watched).ToString());
    }

    /// <summary>Sends a message; false when the one before is still on its way, or the connection has ended.</summary>
    private bool TrySend(ReadOnlyMemory<byte> message)
    {
        lock (_oneSend)
        {
            if (!_sending.IsCompleted || !IsOpen)
            {
                return false;
            }

            _sending = _web!.SendAsync(message, target.IsBinary ? WebSocketMessageType.Binary : WebSocketMessageType.Text, true, default).AsTask();
            return true;
        }
    }

    private async Task UpgradeAsync(Uri server, string? token)
    {
        var request = new StringBuilder()
            .Append($"GET {target.Path.Replace("{user}", $"{user}", StringComparison.Ordinal)} HTTP/1.1\r\n")
            .Append($"Host: {server.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n")
            .Append($"Sec-WebSocket-Key: {Convert.ToBase64String(RandomNumberGenerator.GetBytes(16))}\r\n")
            .Append(target.Protocol is null ? "" : $"Sec-WebSocket-Protocol: {target.Protocol}\r\n")
            .Append(token is null ? "" : $"Authorization: Bearer {token}\r\n")
            .Append("\r\n");
        await _socket!.SendAsync(Encoding.ASCII.GetBytes(request.ToString()));
        var answer = new StringBuilder();
        var one = new byte[1]; // a byte at a time: what follows the answer is the WebSocket's
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await _socket.ReceiveAsync(one) == 0)
            {
                throw new IOException("The server ended the connection before it answered.");
            }

            answer.Append((char)one[0]);
        }

        if (!answer.ToString().StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
        {
            throw new IOException($"The server did not open a WebSocket: {answer.ToString().Split('\r')[0]}");
        }
    }

    private async Task ReadAsync()
    {
        var opened = Encoding.Latin1.GetBytes(target.Opened);
        var moved = Encoding.Latin1.GetBytes(target.Moved);
        var ping = target.Ping is null ? null : Encoding.Latin1.GetBytes(target.Ping);
        try
        {
            while (true)
            {
                var first = await _web!.ReceiveAsync(Memory<byte>.Empty, default);
                if (first.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                var (buffer, length) = first.EndOfMessage ? (ArrayPool<byte>.Shared.Rent(1), 0) : await ReadMessageAsync();
                if (ping is not null && buffer.AsSpan(0, length).StartsWith(ping))
                {
                    TrySend(Encoding.Latin1.GetBytes(target.Pong!));
                }

                Take(buffer.AsSpan(0, length), opened, moved);
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // the connection ended; counted below
        }

        counters.CountEnded();
        _opened.TrySetException(new IOException("The server ended the connection."));
    }

    private async ValueTask<(byte[] Buffer, int Length)> ReadMessageAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        for (var length = 0; ;)
        {
            var part = await _web!.ReceiveAsync(buffer.AsMemory(length), default);
            length += part.Count;
            if (part.EndOfMessage)
            {
                return (buffer, length);
            }

            if (length == buffer.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(length * 2);
                buffer.CopyTo(larger, 0);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
        }
    }

    private void Take(ReadOnlySpan<byte> message, ReadOnlySpan<byte> opened, ReadOnlySpan<byte> moved)
    {
        counters.CountMessage(message.Length);
        if (!_opened.Task.IsCompleted && message.IndexOf(opened) >= 0)
        {
            _opened.TrySetResult();
        }

        if (message[..Math.Min(message.Length, 80)].IndexOf(moved) < 0) // an empty text is everywhere
        {
            return;
        }

        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var time = "\"time\":"u8;
        for (var at = message.IndexOf(time); at >= 0; at = message.IndexOf(time))
        {
            message = message[(at + time.Length)..];
            if (Utf8Parser.TryParse(message, out long sentAt, out _))
            {
                counters.CountUpdate(now - sentAt);
            }
        }
    }
}
