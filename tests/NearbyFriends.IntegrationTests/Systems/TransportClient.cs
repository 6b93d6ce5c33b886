using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Google.Protobuf;
using NearbyFriends.IntegrationTests.Contract;
using NearbyFriends.Protocol.V1;

namespace NearbyFriends.IntegrationTests.Systems;

/// <summary>A client of one transport. Whatever is on the wire, messages come out in the shape of the JSON protocol.</summary>
public abstract class TransportClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Channel<JsonElement> _messages = Channel.CreateUnbounded<JsonElement>();
    private long _lastTime;

    /// <summary>Opens a session over <c>json</c>, <c>protobuf</c> or <c>stream</c>.</summary>
    public static async Task<TransportClient> OpenAsync(string transport, Uri gateway, TestUser user) => transport switch
    {
        "json" => await JsonSocket.OpenAsync(gateway, user.Token),
        "protobuf" => await ProtobufSocket.OpenAsync(gateway, user.Token),
        _ => await EventStream.OpenAsync(gateway, user),
    };

    public abstract Task LocateAsync(double lat, double lon, string? reference = null);

    public abstract ValueTask DisposeAsync();

    /// <summary>The next message of a type that fits.</summary>
    public async Task<JsonElement> ExpectAsync(string type, Func<JsonElement, bool>? fits = null)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            var message = await _messages.Reader.ReadAsync(deadline.Token);
            if (message.GetProperty("type").GetString() == type && fits?.Invoke(message) != false)
            {
                return message;
            }
        }
    }

    protected void Receive(JsonElement message) => _messages.Writer.TryWrite(message);

    /// <summary>Now, but later than the last: of two locations of one millisecond the second does not count.</summary>
    private long NextTime() => _lastTime = Math.Max(_lastTime + 1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());

    private sealed class JsonSocket(WireClient client) : TransportClient
    {
        public static async Task<TransportClient> OpenAsync(Uri gateway, string token)
        {
            var client = new JsonSocket(await WireClient.ConnectAsync(gateway, token));
            _ = client.PassOnAsync();
            return client;
        }

        public override Task LocateAsync(double lat, double lon, string? reference = null) => client.LocateAsync(lat, lon, reference: reference);

        public override ValueTask DisposeAsync() => client.DisposeAsync();

        private async Task PassOnAsync()
        {
            await foreach (var message in client.Messages)
            {
                Receive(message);
            }
        }
    }

    private sealed class ProtobufSocket(ClientWebSocket socket) : TransportClient
    {
        public static async Task<TransportClient> OpenAsync(Uri gateway, string token)
        {
            var socket = new ClientWebSocket();
            socket.Options.AddSubProtocol("nearbyfriends.v1.protobuf");
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
            await socket.ConnectAsync(new UriBuilder(gateway) { Scheme = "ws", Path = "/v1/ws" }.Uri, CancellationToken.None);
            Assert.Equal("nearbyfriends.v1.protobuf", socket.SubProtocol);
            var client = new ProtobufSocket(socket);
            _ = client.ReadAsync();
            return client;
        }

        public override async Task LocateAsync(double lat, double lon, string? reference = null)
        {
            var message = new ClientMessage { Location = new() { Lat = lat, Lon = lon, Time = NextTime() }, Ref = reference ?? "" };
            await socket.SendAsync(message.ToByteArray(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        }

        public override ValueTask DisposeAsync()
        {
            socket.Abort();
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task ReadAsync()
        {
            var buffer = new byte[64 * 1024];
            try
            {
                while (true)
                {
                    var part = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                    Assert.True(part is { MessageType: WebSocketMessageType.Binary, EndOfMessage: true });
                    Receive(InJson(ServerMessage.Parser.ParseFrom(buffer.AsSpan(0, part.Count))));
                }
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
            {
                // disposed
            }
        }

        private static JsonElement InJson(ServerMessage message) => JsonSerializer.SerializeToElement<object>(message.MessageCase switch
        {
            ServerMessage.MessageOneofCase.Welcome => new { type = "welcome", userId = $"{message.Welcome.UserId}", sharing = message.Welcome.Sharing },
            ServerMessage.MessageOneofCase.Nearby => new { type = "nearby", friends = message.Nearby.Friends.Select(InJson) },
            ServerMessage.MessageOneofCase.Friends => new
            {
                type = "friends",
                moved = message.Friends.Moved.Select(InJson),
                left = message.Friends.Left.Select(left => new { id = $"{left.Id}", reason = left.Reason.ToString().ToLowerInvariant() }),
            },
            ServerMessage.MessageOneofCase.FriendAdded => new
            {
                type = "friendAdded",
                friend = new { id = $"{message.FriendAdded.Id}", name = message.FriendAdded.Name },
            },
            ServerMessage.MessageOneofCase.FriendRemoved => new { type = "friendRemoved", id = $"{message.FriendRemoved.Id}" },
            ServerMessage.MessageOneofCase.FriendRequest => new
            {
                type = "friendRequest",
                id = message.FriendRequest.Id,
                from = $"{message.FriendRequest.From}",
                to = $"{message.FriendRequest.To}",
                state = message.FriendRequest.State.ToString().ToLowerInvariant(),
                name = message.FriendRequest.HasName ? message.FriendRequest.Name : null,
            },
            ServerMessage.MessageOneofCase.Sharing => new { type = "sharing", sharing = message.Sharing.Sharing_ },
            ServerMessage.MessageOneofCase.Error => new { type = "error", code = message.Error.Code, @ref = message.Ref },
            _ => new { type = message.MessageCase.ToString() },
        }, JsonSerializerOptions.Web);

        private static object InJson(ServerMessage.Types.Friend friend) => new
        {
            id = $"{friend.Id}",
            name = friend.Name,
            lat = friend.LatE7 / 1e7,
            lon = friend.LonE7 / 1e7,
            time = friend.Time,
            distance = friend.Distance,
        };
    }

    private sealed class EventStream(Uri gateway, string token, HttpClient http, HttpResponseMessage response) : TransportClient
    {
        public static async Task<TransportClient> OpenAsync(Uri gateway, TestUser user)
        {
            var ticket = (await user.SendAsync(HttpMethod.Post, "v1/tickets")).GetProperty("ticket").GetString();
            var http = new HttpClient();
            var response = await http.GetAsync(new Uri(gateway, $"v1/nearby/stream?ticket={ticket}"), HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal(["no"], response.Headers.GetValues("X-Accel-Buffering"));
            var client = new EventStream(gateway, user.Token, http, response);
            _ = client.ReadAsync();
            return client;
        }

        public override async Task LocateAsync(double lat, double lon, string? reference = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway, "v1/location"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            request.Content = JsonContent.Create(new { lat, lon, time = NextTime() });
            using var answer = await http.SendAsync(request);
            Assert.Equal(202, (int)answer.StatusCode);
        }

        public override ValueTask DisposeAsync()
        {
            response.Dispose();
            http.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task ReadAsync()
        {
            try
            {
                await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
                {
                    var message = JsonNode.Parse(item.Data)!;
                    Assert.Equal(item.EventType, message["type"]!.GetValue<string>());
                    AsyncApiDocument.Shipped.CheckFromServer(message.Deserialize<JsonElement>());
                    Receive(message.Deserialize<JsonElement>());
                }
            }
            catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
            {
                // disposed
            }
        }
    }
}
