using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;

namespace NearbyFriends.AppHostTests;

/// <summary>What a client heard at the end.</summary>
internal sealed record Goodbye(bool ToldToReconnect, int? CloseCode);

/// <summary>A user with an open socket, whose locations the gateway has acknowledged.</summary>
internal sealed class SharingClient : IDisposable
{
    private const int LargestMessage = 16 * 1024;

    private readonly ClientWebSocket _socket = new();

    /// <summary>Locations that a gateway answered for.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>Makes a user, opens a socket, and sends one location by socket and another by POST.</summary>
    public static async Task<SharingClient> ConnectAsync(Endpoints endpoints, int number, CancellationToken cancel)
    {
        using var http = new HttpClient();
        var userName = $"walker-{number}";
        using var created = await http.PostAsJsonAsync(endpoints.Api + "/v1/users", new { userName, displayName = userName }, cancel);
        created.EnsureSuccessStatusCode();
        using var tokens = await http.PostAsJsonAsync(endpoints.Api + "/v1/dev/tokens", new { userName }, cancel);
        var token = (await tokens.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("accessToken").GetString()!;

        var client = new SharingClient();
        client._socket.Options.AddSubProtocol("nearbyfriends.v1.json");
        client._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await client._socket.ConnectAsync(new UriBuilder(endpoints.Gateway) { Scheme = "ws", Path = "/v1/ws" }.Uri, cancel);
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await client._socket.SendAsync(
            JsonSerializer.SerializeToUtf8Bytes(new { type = "location", lat = 37.77, lon = -122.42, time = now }), WebSocketMessageType.Text, true, cancel);
        while (await client.ReceiveAsync(cancel) is var type && type != "nearby")
        {
            if (type != "welcome")
            {
                throw new WebSocketException($"{type} {client._socket.CloseStatus} {client._socket.CloseStatusDescription}");
            }
        }

        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var posted = await http.PostAsJsonAsync(endpoints.Gateway + "/v1/location", new { lat = 37.78, lon = -122.42, time = now + 1 }, cancel);
        if (posted.StatusCode != HttpStatusCode.Accepted)
        {
            throw new HttpRequestException($"POST /v1/location: {posted.StatusCode}");
        }

        client.Acknowledged = 2;
        return client;
    }

    /// <summary>Reads to the end of the connection.</summary>
    public async Task<Goodbye> GoodbyeAsync(CancellationToken cancel)
    {
        var told = false;
        while (await ReceiveAsync(cancel) is { } type)
        {
            told |= type == "reconnect";
        }

        return new(told, (int?)_socket.CloseStatus);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>The type of the next message; null at the end.</summary>
    private async Task<string?> ReceiveAsync(CancellationToken cancel)
    {
        var buffer = new byte[LargestMessage];
        var received = await _socket.ReceiveAsync(buffer, cancel);
        return received.MessageType == WebSocketMessageType.Close
            ? null
            : JsonSerializer.Deserialize<JsonElement>(buffer.AsSpan(0, received.Count)).GetProperty("type").GetString();
    }
}
