using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NearbyFriends.Client.Http;

namespace NearbyFriends.Client.Rest;

/// <summary>
/// The REST API as one user, or as nobody yet. Immutable and cheap: thousands share one <see cref="HttpClient"/>.
/// </summary>
/// <param name="http">Its <see cref="HttpClient.BaseAddress"/> is the API's.</param>
/// <param name="accessToken">Gives the user's token; null for the calls of Development that need none.</param>
/// <remarks>
/// Every call throws <see cref="NearbyApiException"/> when the API refuses it and <see cref="HttpRequestException"/> when
/// there is no API. None retries by itself.
/// </remarks>
public sealed class NearbyApi(HttpClient http, Func<CancellationToken, ValueTask<string>>? accessToken = null)
{
    /// <summary>The same API as the user whose token this gives.</summary>
    public NearbyApi As(Func<CancellationToken, ValueTask<string>> token) => new(http, token);

    /// <summary>Registers a user. In Development anybody; elsewhere the token's subject. 409 <c>name-taken</c>.</summary>
    public Task<User> CreateUserAsync(string userName, string displayName, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, "v1/users", Body(new NewUser(userName, displayName), RestJson.Default.NewUser), RestJson.Default.User, cancellationToken);

    /// <summary>A token for any user; Development only, elsewhere 404.</summary>
    public Task<AccessToken> DevTokenAsync(string userName, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, "v1/dev/tokens", Body(new TokenRequest(userName), RestJson.Default.TokenRequest), RestJson.Default.AccessToken, cancellationToken);

    /// <summary>A ticket with which a browser opens one socket or stream.</summary>
    public Task<Ticket> TicketAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, "v1/tickets", null, RestJson.Default.Ticket, cancellationToken);

    /// <summary>Oneself.</summary>
    public Task<User> MeAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, "v1/me", null, RestJson.Default.User, cancellationToken);

    /// <summary>Changes one's display name, sharing or discoverability.</summary>
    public Task<User> ChangeMeAsync(UserChange change, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Patch, "v1/me", Body(change, RestJson.Default.UserChange), RestJson.Default.User, cancellationToken);

    /// <summary>Erases oneself: user, friendships, location and history.</summary>
    public Task DeleteMeAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, "v1/me", null, cancellationToken);

    /// <summary>A user by exact name; null when there is none to be found by the caller.</summary>
    public async Task<User?> FindUserAsync(string userName, CancellationToken cancellationToken = default)
    {
        try
        {
            return await SendAsync(HttpMethod.Get, Query("v1/users", ("userName", userName)), null, RestJson.Default.User, cancellationToken);
        }
        catch (NearbyApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>
    /// Asks for a friendship; accepted at once when the other had asked already. 404 unknown, 409 friends already or
    /// <c>friend-limit</c>, 422 oneself.
    /// </summary>
    public Task<FriendRequest> RequestFriendAsync(long userId, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Post, "v1/friend-requests", Body(new NewFriendRequest(Id(userId)), RestJson.Default.NewFriendRequest),
            RestJson.Default.FriendRequest, cancellationToken);

    /// <summary>One page of the requests that wait for an answer: one's own answer, or (<paramref name="outgoing"/>) others'.</summary>
    public Task<Page<FriendRequest>> FriendRequestsAsync(bool outgoing = false, string? cursor = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Get, Query("v1/friend-requests", ("direction", outgoing ? "outgoing" : "incoming"), ("cursor", cursor)), null,
            RestJson.Default.PageFriendRequest, cancellationToken);

    /// <summary>Accepts a request that one was asked; 404 for anybody else's.</summary>
    public Task AcceptAsync(string requestId, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, $"v1/friend-requests/{Uri.EscapeDataString(requestId)}/accept", null, cancellationToken);

    /// <summary>Declines it; it cannot be repeated for 30 days.</summary>
    public Task DeclineAsync(string requestId, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, $"v1/friend-requests/{Uri.EscapeDataString(requestId)}/decline", null, cancellationToken);

    /// <summary>Takes back a request of one's own; no effect on one that was answered. 404 for anybody else's.</summary>
    public Task CancelAsync(string requestId, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, $"v1/friend-requests/{Uri.EscapeDataString(requestId)}", null, cancellationToken);

    /// <summary>One page of one's friends.</summary>
    public Task<Page<Friend>> FriendsAsync(int? limit = null, string? cursor = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, Query("v1/friends", ("limit", Number(limit)), ("cursor", cursor)), null, RestJson.Default.PageFriend, cancellationToken);

    /// <summary>Ends a friendship; idempotent.</summary>
    public Task RemoveFriendAsync(long userId, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, $"v1/friends/{Id(userId)}", null, cancellationToken);

    /// <summary>What a friend sees of one's location, wherever it looks; the friend is not told. 404 for anybody else.</summary>
    /// <param name="userId">The friend.</param>
    /// <param name="shows"><c>exact</c>, <c>approximate</c> (snapped to a grid of 1 km) or <c>nothing</c> (as if one were inactive).</param>
    /// <param name="until">Unix milliseconds UTC, ahead, at which that ends and what holds without an end comes back; null for no end.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    public Task ChangeVisibilityAsync(long userId, string shows, long? until = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Put, $"v1/friends/{Id(userId)}/visibility", Body(new NewVisibility(shows, until), RestJson.Default.NewVisibility), cancellationToken);

    /// <summary>One's alerts.</summary>
    public async Task<IReadOnlyList<AlertRule>> AlertsAsync(CancellationToken cancellationToken = default) =>
        (await SendAsync(HttpMethod.Get, "v1/alerts", null, RestJson.Default.AlertRules, cancellationToken)).Items;

    /// <summary>Has one told when a friend comes near; 404 for anybody else.</summary>
    /// <param name="userId">The friend; null for every friend who has no alert of its own.</param>
    /// <param name="within">Metres, 50 to 16,093.</param>
    /// <param name="cooldown">For how long no second alert about the same friend follows, 1 min to a week; null for an hour.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    public Task<AlertRule> SetAlertAsync(long? userId, int within, TimeSpan? cooldown = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Put, $"v1/alerts/{IdOrAnyone(userId)}", Body(new NewAlert(within, (int?)cooldown?.TotalSeconds), RestJson.Default.NewAlert),
            RestJson.Default.AlertRule, cancellationToken);

    /// <summary>Takes an alert away; idempotent.</summary>
    public Task RemoveAlertAsync(long? userId, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, $"v1/alerts/{IdOrAnyone(userId)}", null, cancellationToken);

    /// <summary>The key with which a browser subscribes to pushes: 65 bytes in base64url; 404 where the system pushes nothing.</summary>
    public async Task<string> PushKeyAsync(CancellationToken cancellationToken = default) =>
        (await SendAsync(HttpMethod.Get, "v1/push-key", null, RestJson.Default.PushKey, cancellationToken)).PublicKey;

    /// <summary>The browsers that take one's notices, the oldest first.</summary>
    public async Task<IReadOnlyList<PushSubscription>> PushSubscriptionsAsync(CancellationToken cancellationToken = default) =>
        (await SendAsync(HttpMethod.Get, "v1/push-subscriptions", null, RestJson.Default.PushSubscriptions, cancellationToken)).Items;

    /// <summary>
    /// Sends one's alerts and friend requests to a browser while no session is open. The same endpoint again is the same subscription; 404
    /// where the system pushes nothing.
    /// </summary>
    /// <param name="endpoint">The https address that the browser's push service gave.</param>
    /// <param name="p256dh">The browser's public key: 65 bytes in base64url.</param>
    /// <param name="auth">The browser's secret: 16 bytes in base64url.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    public Task<PushSubscription> AddPushSubscriptionAsync(Uri endpoint, string p256dh, string auth, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Post, "v1/push-subscriptions",
            Body(new NewPushSubscription(endpoint.AbsoluteUri, new(p256dh, auth)), RestJson.Default.NewPushSubscription),
            RestJson.Default.PushSubscription, cancellationToken);

    /// <summary>Sends nothing to a browser any more; idempotent.</summary>
    public Task RemovePushSubscriptionAsync(string id, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, $"v1/push-subscriptions/{Uri.EscapeDataString(id)}", null, cancellationToken);

    /// <summary>One's devices that have a password of their own, the oldest first.</summary>
    public async Task<IReadOnlyList<Device>> DevicesAsync(CancellationToken cancellationToken = default) =>
        (await SendAsync(HttpMethod.Get, "v1/me/devices", null, RestJson.Default.Devices, cancellationToken)).Items;

    /// <summary>Gives a device a password, which the answer alone has; 409 <c>device-limit</c>.</summary>
    public Task<Device> AddDeviceAsync(string name, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, "v1/me/devices", Body(new NewDevice(name), RestJson.Default.NewDevice), RestJson.Default.Device, cancellationToken);

    /// <summary>Takes a device's password away; idempotent.</summary>
    public Task RemoveDeviceAsync(string id, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, $"v1/me/devices/{Uri.EscapeDataString(id)}", null, cancellationToken);

    /// <summary>Blocks somebody, who is not told.</summary>
    public Task BlockAsync(long userId, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Put, $"v1/blocks/{Id(userId)}", null, cancellationToken);

    /// <summary>Ends a block; the friendship does not come back.</summary>
    public Task UnblockAsync(long userId, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, $"v1/blocks/{Id(userId)}", null, cancellationToken);

    /// <summary>One page of those whom one blocks.</summary>
    public Task<Page<Friend>> BlocksAsync(string? cursor = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, Query("v1/blocks", ("cursor", cursor)), null, RestJson.Default.PageFriend, cancellationToken);

    /// <summary>Who is nearby one's own published location now; 409 <c>no-location</c> without one.</summary>
    /// <param name="radius">Metres, 100 to the gateway's maximum; null for its default.</param>
    /// <param name="limit">Friends a page; null for 20.</param>
    /// <param name="cursor">Of the page before; null for the first.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    public Task<NearbyPage> NearbyAsync(int? radius = null, int? limit = null, string? cursor = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Get, Query("v1/nearby", ("radius", Number(radius)), ("limit", Number(limit)), ("cursor", cursor)), null,
            RestJson.Default.NearbyPage, cancellationToken);

    /// <summary>One's own history, newest first.</summary>
    /// <param name="from">Oldest time, Unix milliseconds UTC; null for all.</param>
    /// <param name="to">Newest time, Unix milliseconds UTC; null for now.</param>
    /// <param name="every">Thin out to one point in each such time, such as 60 s; null for every point.</param>
    /// <param name="limit">Points a page; null for the API's default.</param>
    /// <param name="cursor">Of the page before; null for the first.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    public Task<Page<HistoryPoint>> HistoryAsync(
        long? from = null, long? to = null, TimeSpan? every = null, int? limit = null, string? cursor = null,
        CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Get,
            Query(
                "v1/me/history",
                ("from", Number(from)), ("to", Number(to)), ("every", every is { } e ? $"{e.TotalSeconds:0}s" : null),
                ("limit", Number(limit)), ("cursor", cursor)),
            null, RestJson.Default.PageHistoryPoint, cancellationToken);

    /// <summary>Erases one's own history.</summary>
    public Task DeleteHistoryAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, "v1/me/history", null, cancellationToken);

    private async Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> answer, CancellationToken cancellationToken)
    {
        using var response = await SendCheckedAsync(method, path, body, cancellationToken);
        return await response.Content.ReadFromJsonAsync(answer, cancellationToken)
            ?? throw new NearbyApiException(response.StatusCode, null, "The answer is empty.", null);
    }

    private async Task SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var response = await SendCheckedAsync(method, path, body, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendCheckedAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (accessToken is not null)
        {
            request.Headers.Authorization = new("Bearer", await accessToken(cancellationToken));
        }

        var response = await http.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            var problem = await ProblemOfAsync(response, cancellationToken);
            throw new NearbyApiException(
                response.StatusCode, problem?.Code, problem?.Detail ?? problem?.Title, RetryAfter.Of(response.Headers.RetryAfter, response.Headers.Date ?? TimeProvider.System.GetUtcNow()));
        }
    }

    private static async Task<Problem?> ProblemOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType is not ("application/problem+json" or "application/json"))
        {
            return null;
        }

        try
        {
            return await response.Content.ReadFromJsonAsync(RestJson.Default.Problem, cancellationToken);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonContent Body<T>(T value, JsonTypeInfo<T> type) => JsonContent.Create(value, type);

    private static string Id(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static string IdOrAnyone(long? id) => id is { } friend ? Id(friend) : "anyone";

    private static string? Number(long? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string Query(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var separator = '?';
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
            {
                path += $"{separator}{name}={Uri.EscapeDataString(value)}";
                separator = '&';
            }
        }

        return path;
    }
}
