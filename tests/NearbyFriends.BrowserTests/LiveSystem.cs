using NearbyFriends.Client;
using NearbyFriends.Client.Lists;
using NearbyFriends.Client.Rest;
using NearbyFriends.TestServers;

namespace NearbyFriends.BrowserTests;

/// <summary>
/// An Api that serves the page, and two gateways behind one address, each a process of its own that can be killed, on real
/// servers.
/// </summary>
internal sealed class LiveSystem : IAsyncDisposable
{
    private const string SigningKey = "a signing key that only the tests use, 32 bytes or more";

    private static readonly TimeSpan UntilReady = TimeSpan.FromMinutes(2);

    private readonly OwnedParts _parts = new();
    private readonly HttpClient _http = new();
    private (string, string)[] _settings = [];
    private Task? _history;

    private LiveSystem()
    {
    }

    /// <summary>Base address of the Api, and of the page.</summary>
    public Uri Api { get; private set; } = null!;

    /// <summary>The gateways' processes.</summary>
    public IReadOnlyList<ServiceProcess> Gateways { get; private set; } = [];

    /// <summary>What the page connects to.</summary>
    public Balancer PageBalancer { get; private set; } = null!;

    /// <summary>What everybody else connects to.</summary>
    public Balancer Balancer { get; private set; } = null!;

    public static async Task<LiveSystem> StartAsync(Servers servers, params (string Key, string Value)[] settings)
    {
        var system = new LiveSystem();
        var redis = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => system._parts.OwnAsync(RedisServer.StartAsync())));
        system._http.Timeout = TimeSpan.FromSeconds(30);
        (string, string)[] common =
        [
            ("environment", "Development"),
            ("ConnectionStrings:users", await servers.NewDatabaseAsync()),
            ("ConnectionStrings:history", await servers.NewDatabaseAsync()),
            ("ConnectionStrings:location-cache", redis[0].ConnectionString),
            ("ConnectionStrings:history-stream", redis[0].ConnectionString),
            ("ConnectionStrings:pubsub-0", redis[1].ConnectionString),
            ("ConnectionStrings:pubsub-1", redis[2].ConnectionString),
            ("LocationCache:WritePatience", "00:00:03"), // a machine that stands still for a moment is no lost cache
            ("Fanout:Servers:0", "pubsub-0"),
            ("Fanout:Servers:1", "pubsub-1"),
            ("Gateway:Origins:0", "*"),
            ("Gateway:UpdatesPerSecond", "0"),
            ("Presence:MaxSpeed", "0"), // people of tests jump
            ("Gateway:SessionsPerUser", "1000"),
            ("RateLimits:RequestsPerUser", "1000000"),
            ("RateLimits:RequestsPerAddress", "1000000"),
            ("Logging:LogLevel:Default", "Warning"),
            .. settings.Any(setting => setting.Key == "Auth:Authority") ? [] : new[] { ("Auth:SigningKey", SigningKey) },
            .. settings,
        ];

        system._settings = common;
        var gateways = await Task.WhenAll(system.ServeAsync("NearbyFriends.Gateway", common, "gateway-0"), system.ServeAsync("NearbyFriends.Gateway", common, "gateway-1"));
        system.Gateways = gateways;
        system.PageBalancer = system._parts.Own(new Balancer([.. gateways.Select(gateway => gateway.Address!)]));
        system.Balancer = system._parts.Own(new Balancer([.. gateways.Select(gateway => gateway.Address!)]));
        var api = await system.ServeAsync(
            "NearbyFriends.Api",
            [.. common, ("Web:Gateway", system.PageBalancer.Address.ToString()), ("Web:Root", Path.Combine(AppContext.BaseDirectory, "web"))],
            "api");
        system.Api = api.Address!;
        foreach (var service in gateways.Append(api))
        {
            await Readiness.WaitAsync(service.Address!, UntilReady);
        }

        return system;
    }

    /// <summary>A new user, with a user name that nobody else has.</summary>
    public async Task<LiveUser> NewUserAsync(string displayName)
    {
        var userName = $"{displayName.ToLowerInvariant().Replace(' ', '-')}-{Guid.NewGuid():N}"[..20];
        var anonymous = new NearbyApi(new HttpClient { BaseAddress = Api });
        var user = await anonymous.CreateUserAsync(userName, displayName);
        var token = (await anonymous.DevTokenAsync(userName)).Token;
        return new(this, user.Id, userName, displayName, token, anonymous.As(_ => ValueTask.FromResult(token)));
    }

    /// <summary>Friends of a user, each where <paramref name="place"/> says, and their clients on the way.</summary>
    public async Task<LiveUser[]> NewFriendsAsync(LiveUser user, int count, Func<int, (double Latitude, double Longitude)> place)
    {
        var friends = new LiveUser[count];
        await Parallel.ForEachAsync(Enumerable.Range(0, count), async (i, _) =>
        {
            friends[i] = await NewUserAsync($"Friend {i + 1:00}");
            await user.BefriendAsync(friends[i]);
            var (latitude, longitude) = place(i);
            await friends[i].MoveAsync(latitude, longitude);
        });
        return friends;
    }

    /// <summary>Stores what the gateways append to the history, from the first call on.</summary>
    public Task KeepHistoryAsync() => _history ??= ServeAsync("NearbyFriends.HistoryWorker", _settings, "history-worker");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _parts.DisposeAsync();
    }

    internal T Own<T>(T part) where T : IAsyncDisposable => _parts.Own(part);

    private async Task<ServiceProcess> ServeAsync(string assembly, (string, string)[] settings, string name) =>
        _parts.Own(await ServiceProcess.StartListeningAsync(assembly, [.. settings, ("OTEL_SERVICE_NAME", name)]));
}

/// <summary>A user of a <see cref="LiveSystem"/>, with a phone that is connected once it has moved.</summary>
internal sealed class LiveUser(LiveSystem system, long id, string userName, string displayName, string token, NearbyApi api)
{
    private NearbyClient? _phone;

    public long Id => id;

    public string UserName => userName;

    public string DisplayName => displayName;

    public NearbyApi Api => api;

    /// <summary>Makes friends: both ask, and crossing requests are accepted.</summary>
    public async Task BefriendAsync(LiveUser other)
    {
        await api.RequestFriendAsync(other.Id);
        await other.Api.RequestFriendAsync(id);
    }

    /// <summary>Is there, now or <paramref name="ago"/>.</summary>
    public async Task MoveAsync(double latitude, double longitude, TimeSpan ago = default)
    {
        if (_phone is null)
        {
            _phone = system.Own(new NearbyClient(new() { Gateway = system.Balancer.Address, AccessToken = (_, _) => ValueTask.FromResult(token) }));
            await _phone.ConnectAsync();
        }

        await _phone.SendAsync(new(latitude, longitude, _phone.Now - (long)ago.TotalMilliseconds));
    }

    /// <summary>Has come northward through the city within the last minutes, as the history tells.</summary>
    public async Task WalkAsync()
    {
        for (var minutes = 4; minutes >= 1; minutes--)
        {
            await MoveAsync(37.796 - (0.002 * minutes), -122.4075 - (0.001 * (minutes % 2)), TimeSpan.FromMinutes(minutes));
        }
    }

    /// <summary>Whom the phone shows near.</summary>
    public IReadOnlyList<NearbyFriend> Sees => _phone?.List.Friends ?? [];
}
