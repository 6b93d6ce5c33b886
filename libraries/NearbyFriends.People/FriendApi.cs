using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Options;
using NearbyFriends.Core;

namespace NearbyFriends.People;

/// <summary>
/// Users and friendships from the HTTP API of the team that owns them (<c>Friends:Source=Api</c>). Our own Api serves
/// the same contract, described in its OpenAPI document under "Friend source".
/// </summary>
public sealed class FriendApi : IFriendSource, IDisposable
{
    /// <summary>The header that carries <see cref="FriendOptions.ApiKey"/>.</summary>
    public const string KeyHeader = "X-Friends-Key";

    /// <summary>Below <see cref="FriendOptions.ApiUrl"/>.</summary>
    public const string BasePath = "v1/friend-source";

    private readonly HttpClient _http;

    public FriendApi(IOptions<FriendOptions> options)
    {
        // Connections are replaced now and then, so that a changed address of the other side is noticed.
        _http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
        {
            BaseAddress = new Uri(options.Value.ApiUrl!.AbsoluteUri.TrimEnd('/') + '/'),
            Timeout = TimeSpan.FromSeconds(10),
        };
        _http.DefaultRequestHeaders.Add(KeyHeader, options.Value.ApiKey);
    }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The other side is unavailable, or refuses.</exception>
    public async Task<UserFriends?> LoadAsync(long userId, CancellationToken cancellationToken) =>
        (await GetAsync<FriendSourceUser>($"users/{UserId.Format(userId)}", cancellationToken))?.ToUserFriends();

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The other side is unavailable, or refuses.</exception>
    public async Task<long?> FindBySubjectAsync(string subject, CancellationToken cancellationToken)
    {
        using var answer = await PostAsync("subjects", new FriendSourceSubject(subject), cancellationToken);
        return UserId.Parse((await ReadAsync<FriendSourceId>(answer, cancellationToken))?.Id);
    }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The other side is unavailable, or refuses.</exception>
    public async Task<long?> FindByDeviceAsync(string userName, string password, CancellationToken cancellationToken)
    {
        using var answer = await PostAsync("devices", new FriendSourceDevice(userName, password), cancellationToken);
        return UserId.Parse((await ReadAsync<FriendSourceId>(answer, cancellationToken))?.Id);
    }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The other side is unavailable, or refuses.</exception>
    public async Task<IReadOnlyDictionary<long, string>> DisplayNamesAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken)
    {
        using var answer = await PostAsync("names", FriendSourceIds.Of(userIds), cancellationToken);
        var names = await ReadAsync<FriendSourceName[]>(answer, cancellationToken);
        return names!.ToDictionary(name => UserId.Parse(name.Id)!.Value, name => name.DisplayName);
    }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The other side is unavailable, or refuses.</exception>
    public async Task<UserSharing?> FindSharingAsync(long userId, CancellationToken cancellationToken) =>
        (await GetAsync<FriendSourceSharing>($"users/{UserId.Format(userId)}/sharing", cancellationToken))?.ToUserSharing();

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The other side is unavailable, or refuses.</exception>
    public async Task<long[]> LoadBlocksAsync(long userId, CancellationToken cancellationToken) =>
        [.. ((await GetAsync<FriendSourceId[]>($"users/{UserId.Format(userId)}/blocks", cancellationToken)) ?? []).Select(user => UserId.Parse(user.Id)!.Value)];

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The other side is unavailable, or refuses.</exception>
    public async Task<JournalTail> ReadChangesAsync(string? cursor, TimeSpan last, CancellationToken cancellationToken)
    {
        var from = cursor is null ? $"last={Math.Ceiling(last.TotalSeconds):0}" : $"cursor={Uri.EscapeDataString(cursor)}";
        return (await GetAsync<FriendSourceChanges>($"changes?{from}", cancellationToken))!.ToJournalTail();
    }

    public void Dispose() => _http.Dispose();

    private async Task<T?> GetAsync<T>(string path, CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(new Uri($"{BasePath}/{path}", UriKind.Relative), cancellationToken);
        return await ReadAsync<T>(answer, cancellationToken);
    }

    private Task<HttpResponseMessage> PostAsync<T>(string path, T body, CancellationToken cancellationToken) =>
        _http.PostAsJsonAsync(new Uri($"{BasePath}/{path}", UriKind.Relative), body, cancellationToken);

    private static async Task<T?> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return default;
        }

        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<T>(cancellationToken);
    }
}
