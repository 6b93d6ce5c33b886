using System.Net.Http.Json;
using System.Text.Json;

namespace NearbyFriends.IntegrationTests.Systems;

/// <summary>A user of a <see cref="NearbySystem"/>, with a token.</summary>
public sealed record TestUser(NearbySystem System, string Id, string Name, string Token)
{
    /// <summary>The id as our own programs have it.</summary>
    public long Number => long.Parse(Id);

    /// <summary>Switches sharing on or off.</summary>
    public Task ShareAsync(bool sharing) => SendAsync(HttpMethod.Patch, "v1/me", new { sharing });

    /// <summary>Lets strangers nearby see the user, and the user them, or ends it.</summary>
    public Task ShowToStrangersAsync(bool strangers) => SendAsync(HttpMethod.Patch, "v1/me", new { strangers });

    /// <summary>A call that must succeed; its JSON answer, or an undefined element when it has none.</summary>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var response = await System.CallAsync(method, path, Token, body);
        if (!response.IsSuccessStatusCode)
        {
            Assert.Fail($"{method} {path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }

        return response.Content.Headers.ContentLength is null or > 0 && response.Content.Headers.ContentType is not null
            ? await response.Content.ReadFromJsonAsync<JsonElement>()
            : default;
    }

    /// <summary>Opens a socket to a gateway, by its number, and awaits the welcome.</summary>
    public async Task<WireClient> ConnectAsync(int gateway = 0)
    {
        var client = await WireClient.ConnectAsync(System.Gateways[gateway], Token);
        await client.ExpectAsync("welcome");
        return client;
    }
}
