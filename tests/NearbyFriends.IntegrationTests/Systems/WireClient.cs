using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using NearbyFriends.IntegrationTests.Contract;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Systems;

/// <summary>
/// A client that knows PROTOCOL and nothing else: JSON text over a WebSocket. Whatever it receives is held against
/// docs/asyncapi.yaml; what does not fit fails the test.
/// </summary>
public sealed class WireClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket _socket = new();
    private readonly List<JsonElement> _received = [];
    private readonly Channel<JsonElement> _messages = Channel.CreateUnbounded<JsonElement>();
    private long _lastTime;
    private Task _reading = Task.CompletedTask;

    private WireClient()
    {
    }

    /// <summary>Every message so far, oldest first.</summary>
    public IReadOnlyList<JsonElement> Received
    {
        get
        {
            lock (_received)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>Every message, as it comes; to be read by one reader, instead of <see cref="ExpectAsync"/>.</summary>
    public IAsyncEnumerable<JsonElement> Messages => _messages.Reader.ReadAllAsync();

    /// <summary>The code with which the server closed; null while it has not.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    /// <summary>Opens a socket; by bearer token, or with <paramref name="query"/> by ticket.</summary>
    /// <exception cref="WebSocketException">The server did not upgrade.</exception>
    public static async Task<WireClient> ConnectAsync(Uri gateway, string? token, string query = "", string? origin = null)
    {
        var client = await ConnectWithoutReadingAsync(gateway, token, query, origin);
        client._reading = client.ReadAsync();
        return client;
    }

    /// <summary>Opens a socket from which nothing is read.</summary>
    /// <param name="gateway">Base address.</param>
    /// <param name="token">By which it connects.</param>
    /// <param name="query">Of the address.</param>
    /// <param name="origin">The page that connects, if one does.</param>
    /// <param name="smallBuffers">Whether the way back takes some kilobytes only, instead of the megabytes that loopback has.</param>
    public static async Task<WireClient> ConnectWithoutReadingAsync(
        Uri gateway, string? token, string query = "", string? origin = null, bool smallBuffers = false)
    {
        var client = new WireClient();
        client._socket.Options.AddSubProtocol("nearbyfriends.v1.json");
        client._socket.Options.CollectHttpResponseDetails = true;
        if (token is not null)
        {
            client._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        }

        if (origin is not null)
        {
            client._socket.Options.SetRequestHeader("Origin", origin);
        }

        using var dialer = new HttpMessageInvoker(new SocketsHttpHandler { ConnectCallback = smallBuffers ? DialWithSmallBuffersAsync : null });
        await client._socket.ConnectAsync(
            new UriBuilder(gateway) { Scheme = "ws", Path = "/v1/ws", Query = query }.Uri, dialer, CancellationToken.None);
        return client;
    }

    // Send buffers grow with the segment, which on loopback is 64 KiB; Linux lets a client ask for a smaller one.
    private static async ValueTask<Stream> DialWithSmallBuffersAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        const int SegmentBytes = 1_000;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4 * SegmentBytes };
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(optionLevel: 6, optionName: 2, BitConverter.GetBytes(SegmentBytes)); // IPPROTO_TCP, TCP_MAXSEG
        }

        await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Whether a message of this type has come.</summary>
    public bool HasReceived(string type) => Received.Any(message => message.GetProperty("type").GetString() == type);

    /// <summary>Sends an object as JSON.</summary>
    public Task SendAsync(object message) => SendTextAsync(JsonSerializer.Serialize(message));

    /// <summary>Sends text as it is.</summary>
    public Task SendTextAsync(string text) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>Sends text again and again until the server has ended the connection.</summary>
    public async Task SendUntilClosedAsync(string text)
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            while (_socket.State == WebSocketState.Open)
            {
                await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, deadline.Token);
            }
        }
        catch (Exception e) when (e is WebSocketException || (e is OperationCanceledException && !deadline.IsCancellationRequested))
        {
            // the server cut the connection
        }
    }

    /// <summary>Sends a location of now, later than the one before, or of another time (Unix milliseconds).</summary>
    public Task LocateAsync(double lat, double lon, long? time = null, string? reference = null) =>
        SendAsync(new { type = "location", lat, lon, time = time ?? NextTime(), @ref = reference });

    /// <summary>The next message of a type that fits; others are passed over (and stay in <see cref="Received"/>).</summary>
    public async Task<JsonElement> ExpectAsync(string type, Func<JsonElement, bool>? fits = null)
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                var message = await _messages.Reader.ReadAsync(deadline.Token);
                if (message.GetProperty("type").GetString() == type && fits?.Invoke(message) != false)
                {
                    return message;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            throw new TimeoutException($"No '{type}' came that fits. Closed with {CloseCode?.ToString() ?? "nothing"}. Received: {string.Join('\n', Received)}", e);
        }
    }

    /// <summary>The entry of a friend in the next <c>friends</c> message that says it moved.</summary>
    public async Task<JsonElement> ExpectMovedAsync(TestUser friend, Func<JsonElement, bool>? fits = null)
    {
        var found = default(JsonElement);
        await ExpectAsync("friends", message => message.GetProperty("moved").EnumerateArray().Any(entry =>
        {
            found = entry;
            return entry.GetProperty("id").GetString() == friend.Id && fits?.Invoke(entry) != false;
        }));
        return found;
    }

    /// <summary>Awaits that the strangers are those of these names; the newest entry of each.</summary>
    public async Task<Dictionary<string, JsonElement>> ExpectStrangersAsync(params string[] names)
    {
        var strangers = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        await Eventually.True(
            () => (strangers = Strangers()).Keys.Order(StringComparer.Ordinal).SequenceEqual(names.Order(StringComparer.Ordinal)),
            $"the strangers are [{string.Join(", ", names)}]");
        return strangers;
    }

    /// <summary>The reason in the next <c>friends</c> message that says that a friend left.</summary>
    public async Task<string> ExpectLeftAsync(TestUser friend)
    {
        var reason = "";
        await ExpectAsync("friends", message => message.GetProperty("left").EnumerateArray().Any(entry =>
        {
            reason = entry.GetProperty("reason").GetString();
            return entry.GetProperty("id").GetString() == friend.Id;
        }));
        return reason!;
    }

    /// <summary>The types of all messages so far.</summary>
    public string[] Types() => Received.Select(message => message.GetProperty("type").GetString()!).ToArray();

    /// <summary>The last <c>nearby</c> or <c>friends</c> message.</summary>
    public JsonElement LastList() => Received.Last(message => message.GetProperty("type").GetString() is "nearby" or "friends");

    /// <summary>How many friends the last message about the list counted.</summary>
    public int LastTotal() => LastList().GetProperty("total").GetInt32();

    /// <summary>Whether the server welcomes this connection; false when it closes it instead.</summary>
    public async Task<bool> OpensAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        return await _messages.Reader.WaitToReadAsync(deadline.Token);
    }

    /// <summary>Awaits that the server closes; the code.</summary>
    public async Task<int?> ExpectCloseAsync()
    {
        await _reading.WaitAsync(Patience);
        return CloseCode;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
    }

    /// <summary>Now, once the clock has moved on since the last call: of two locations of one millisecond the second does not count.</summary>
    private long NextTime()
    {
        long now;
        do
        {
            now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        }
        while (now == _lastTime);

        return _lastTime = now;
    }

    /// <summary>What the <c>strangers</c> messages so far add up to, by name.</summary>
    private Dictionary<string, JsonElement> Strangers()
    {
        var (list, names, entries) = (0, new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, JsonElement>(StringComparer.Ordinal));
        foreach (var message in Received.Where(message => message.GetProperty("type").GetString() == "strangers"))
        {
            if (message.GetProperty("list").GetInt32() is var number && number != list)
            {
                list = number;
                entries.Clear();
            }

            foreach (var person in message.GetProperty("people").EnumerateArray())
            {
                var id = person.GetProperty("id").GetString()!;
                names[id] = person.TryGetProperty("name", out var name) ? name.GetString()! : names[id];
                entries[names[id]] = person;
            }

            foreach (var id in message.GetProperty("left").EnumerateArray())
            {
                entries.Remove(names[id.GetString()!]);
            }
        }

        return entries;
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    length += part.Count;
                    if (length == buffer.Length)
                    {
                        Array.Resize(ref buffer, 2 * buffer.Length);
                    }
                }
                while (!part.EndOfMessage);

                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    break;
                }

                var message = JsonElement.Parse(buffer.AsSpan(0, length));
                AsyncApiDocument.Shipped.CheckFromServer(message);
                lock (_received)
                {
                    _received.Add(message);
                }

                _messages.Writer.TryWrite(message);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // the connection ended
        }
        finally
        {
            _messages.Writer.TryComplete();
        }
    }
}
