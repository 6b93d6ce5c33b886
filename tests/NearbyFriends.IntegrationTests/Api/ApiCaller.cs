using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>An answer of the Api.</summary>
public sealed record Answer(int Status, string? MediaType, JsonElement Body, HttpResponseHeaders Headers)
{
    /// <summary>The member <c>code</c> of problem details; null of any other answer.</summary>
    public string? Code => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty("code", out var code) ? code.GetString() : null;

    /// <summary>The fields that a 400 names.</summary>
    public IEnumerable<string> WrongFields => Body.GetProperty("errors").EnumerateObject().Select(wrong => wrong.Name);

    public string Text(string member) => Body.GetProperty(member).GetString()!;

    public IEnumerable<JsonElement> Items => Body.GetProperty("items").EnumerateArray();

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        var content = await response.Content.ReadAsByteArrayAsync();
        var mediaType = response.Content.Headers.ContentType?.MediaType;
        var body = mediaType?.EndsWith("json", StringComparison.Ordinal) == true ? JsonDocument.Parse(content).RootElement : default;
        return new((int)response.StatusCode, mediaType, body, response.Headers);
    }
}

/// <summary>Calls the Api as one person, or as nobody.</summary>
public sealed class ApiCaller(HttpClient http)
{
    public HttpRequestHeaders Headers => http.DefaultRequestHeaders;

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, Json(body));

    public Task<Answer> PatchAsync(string path, object body) => SendAsync(HttpMethod.Patch, path, Json(body));

    public Task<Answer> PutAsync(string path, object? body = null) => SendAsync(HttpMethod.Put, path, Json(body));

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        using var response = await http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    private static JsonContent? Json(object? body) => body is null ? null : JsonContent.Create(body);
}

/// <summary>A registered user, signed in.</summary>
public sealed record TestUser(string Id, string UserName, string Token, ApiCaller Call)
{
    public long Number { get; } = long.Parse(Id);

    /// <summary>The same user through another replica.</summary>
    public TestUser At(ApiServer replica) => this with { Call = replica.Connect(Token) };

    public Task<Answer> AskAsync(TestUser other) => Call.PostAsync("v1/friend-requests", new { userId = other.Id });

    public Task<Answer> AcceptAsync(string requestId) => Call.PostAsync($"v1/friend-requests/{requestId}/accept");

    public Task<Answer> DeclineAsync(string requestId) => Call.PostAsync($"v1/friend-requests/{requestId}/decline");

    public Task<Answer> CancelAsync(string requestId) => Call.DeleteAsync($"v1/friend-requests/{requestId}");

    public async Task BefriendAsync(TestUser other)
    {
        var request = await AskAsync(other);
        await other.AcceptAsync(request.Text("id"));
    }

    /// <summary>Ids of all friends, over as many pages as it takes.</summary>
    public async Task<List<string>> FriendsAsync(int limit = 100)
    {
        var ids = new List<string>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = await Call.GetAsync($"v1/friends?limit={limit}{(cursor == "" ? "" : $"&cursor={cursor}")}");
            ids.AddRange(page.Items.Select(friend => friend.GetProperty("id").GetString()!));
            cursor = page.Body.GetProperty("cursor").GetString();
        }

        return ids;
    }
}
