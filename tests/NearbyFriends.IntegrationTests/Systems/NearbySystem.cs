using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.TestServers;
using Npgsql;

namespace NearbyFriends.IntegrationTests.Systems;

/// <summary>
/// The system of one test: an Api and two gateways in this process, on ports and servers of their own. What a test
/// does goes over HTTP and WebSocket, as PROTOCOL says.
/// </summary>
public sealed class NearbySystem : IAsyncDisposable
{
    /// <summary>What operators of the system show.</summary>
    public const string OperatorKey = "an operator key that only the tests use";

    private const string SigningKey = "a signing key that only the tests use, 32 bytes or more";

    private readonly OwnedParts _parts = new();
    private readonly Dictionary<string, string> _settings = new(StringComparer.Ordinal);
    private readonly List<ServiceHost<global::NearbyFriends.Gateway.GatewayOptions>> _gateways = [];
    private readonly HttpClient _http = new();
    private string _usersDatabase = "";
    private Action<IServiceCollection> _observe = static _ => { };

    private NearbySystem()
    {
    }

    /// <summary>The Redis that holds the location cache and the history stream.</summary>
    public RedisServer Cache { get; private set; } = null!;

    /// <summary>The pub/sub servers.</summary>
    public IReadOnlyList<RedisServer> PubSub { get; private set; } = [];

    /// <summary>Base address of the Api.</summary>
    public Uri Api { get; private set; } = null!;

    /// <summary>Base addresses of the gateways.</summary>
    public IReadOnlyList<Uri> Gateways => _gateways.ConvertAll(gateway => gateway.ClientOptions.BaseAddress);

    /// <summary>What runs in the gateways, for what cannot be seen from outside.</summary>
    public IReadOnlyList<IServiceProvider> GatewayServices => _gateways.ConvertAll(gateway => gateway.Services);

    /// <summary>Starts a system; <paramref name="settings"/> override the services' configuration.</summary>
    public static Task<NearbySystem> StartAsync(Servers servers, params (string Key, string Value)[] settings) =>
        StartAsync(servers, [], settings);

    /// <summary>Starts a system to whose services <paramref name="observe"/> adds something.</summary>
    public static Task<NearbySystem> StartAsync(
        Servers servers, Action<IServiceCollection> observe, params (string Key, string Value)[] settings) =>
        StartAsync(servers, observe, [], settings);

    /// <summary>Starts a system whose Api has settings that its gateways do not have.</summary>
    public static Task<NearbySystem> StartAsync(
        Servers servers, (string Key, string Value)[] apiSettings, params (string Key, string Value)[] settings) =>
        StartAsync(servers, static _ => { }, apiSettings, settings);

    private static async Task<NearbySystem> StartAsync(
        Servers servers, Action<IServiceCollection> observe, (string Key, string Value)[] apiSettings, (string Key, string Value)[] settings)
    {
        var system = new NearbySystem { _observe = observe };
        system.Cache = await system._parts.OwnAsync(RedisServer.StartAsync());
        system.PubSub = [await system._parts.OwnAsync(RedisServer.StartAsync()), await system._parts.OwnAsync(RedisServer.StartAsync())];
        system._settings["ConnectionStrings:users"] = system._usersDatabase = await servers.NewDatabaseAsync();
        system._settings["ConnectionStrings:history"] = await servers.NewDatabaseAsync();
        system._settings["ConnectionStrings:location-cache"] = system.Cache.ConnectionString;
        system._settings["ConnectionStrings:history-stream"] = system.Cache.ConnectionString;
        system._settings["ConnectionStrings:membership"] = system.Cache.ConnectionString;
        system._settings["ConnectionStrings:pubsub-0"] = system.PubSub[0].ConnectionString;
        system._settings["ConnectionStrings:pubsub-1"] = system.PubSub[1].ConnectionString;
        system._settings["LocationCache:WritePatience"] = "00:00:03"; // a machine that stands still for a moment is no lost cache
        system._settings["Fanout:Servers:0"] = "pubsub-0";
        system._settings["Fanout:Servers:1"] = "pubsub-1";
        system._settings["Auth:SigningKey"] = SigningKey;
        system._settings["Auth:OperatorKey"] = OperatorKey;
        system._settings["Presence:MaxSpeed"] = "0"; // people of tests jump
        system._settings["Logging:LogLevel:Default"] = "Warning";
        system._settings["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning";
        foreach (var (key, value) in settings)
        {
            system._settings[key] = value;
        }

        system.Api = system.Host<global::NearbyFriends.Api.Callers.Caller>(apiSettings).ClientOptions.BaseAddress;
        await Readiness.WaitAsync(system.Api);
        if (system._settings.GetValueOrDefault("Friends:Source") == "Api")
        {
            system._settings["Friends:ApiUrl"] = system.Api.ToString();
            system._settings.Remove("ConnectionStrings:users");
        }

        system.HostGateway();
        system.HostGateway();
        foreach (var gateway in system.Gateways)
        {
            await Readiness.WaitAsync(gateway);
        }

        return system;
    }

    /// <summary>Starts one more gateway and waits until it is ready; its number.</summary>
    public async Task<int> StartGatewayAsync(params (string Key, string Value)[] settings)
    {
        HostGateway(settings);
        await Readiness.WaitAsync(Gateways[^1]);
        return _gateways.Count - 1;
    }

    /// <summary>Starts a gateway as a process of its own, which the caller ends, and waits until it is ready.</summary>
    public async Task<ServiceProcess> StartGatewayProcessAsync(params (string Key, string Value)[] settings)
    {
        var process = await ServiceProcess.StartListeningAsync(
            "NearbyFriends.Gateway",
            [
                ("environment", "Development"), .. _settings.Select(setting => (setting.Key, setting.Value)),
                ("Orleans:Endpoints:SiloPort", $"{FreePort.Choose()}"), .. settings,
            ]);
        await Readiness.WaitAsync(process.Address!);
        return process;
    }

    /// <summary>Stops a gateway as its orchestrator does; returns when it has drained.</summary>
    public ValueTask StopGatewayAsync(int gateway) => _gateways[gateway].DisposeAsync();

    /// <summary>Registers a user who shares; names are made unique.</summary>
    public async Task<TestUser> NewUserAsync(string name)
    {
        var userName = $"{name}-{Guid.NewGuid():N}"[..Math.Min(32, name.Length + 13)];
        using var created = await _http.PostAsJsonAsync(new Uri(Api, "v1/users"), new { userName, displayName = name });
        created.EnsureSuccessStatusCode();
        var user = await created.Content.ReadFromJsonAsync<JsonElement>();
        using var issued = await _http.PostAsJsonAsync(new Uri(Api, "v1/dev/tokens"), new { userName });
        issued.EnsureSuccessStatusCode();
        var token = await issued.Content.ReadFromJsonAsync<JsonElement>();
        return new TestUser(this, user.GetProperty("id").GetString()!, name, token.GetProperty("accessToken").GetString()!);
    }

    /// <summary>New users of whom each is a friend of each other.</summary>
    public async Task<TestUser[]> NewCircleAsync(params string[] names)
    {
        var users = new List<TestUser>();
        foreach (var name in names)
        {
            var user = await NewUserAsync(name);
            foreach (var friend in users)
            {
                await BefriendAsync(user, friend);
            }

            users.Add(user);
        }

        return [.. users];
    }

    /// <summary>
    /// Many new users who share, each a friend of each of <paramref name="friends"/>; written straight into the
    /// database, for the Api would take minutes.
    /// </summary>
    public async Task<TestUser[]> NewCrowdAsync(int count, params TestUser[] friends)
    {
        await using var source = NpgsqlDataSource.Create(_usersDatabase);
        await using var command = source.CreateCommand("""
            with crowd as (
                insert into users (id, user_name, display_name, sharing, friend_count, created_at)
                select id, 'crowd-' || id, 'Person ' || id, true, cardinality(@friends), now() from unnest(@ids) id),
            theirs as (
                insert into friendships (user_id, friend_id, since) select id, friend, now() from unnest(@ids) id, unnest(@friends) friend),
            others as (
                insert into friendships (user_id, friend_id, since) select friend, id, now() from unnest(@ids) id, unnest(@friends) friend)
            update users set friends_version = friends_version + cardinality(@ids), friend_count = friend_count + cardinality(@ids)
            where id = any(@friends)
            """);
        long[] ids = [.. Enumerable.Range(0, count).Select(_ => Servers.NewUserId())];
        command.Parameters.AddWithValue("ids", ids);
        command.Parameters.AddWithValue("friends", friends.Select(friend => friend.Number).ToArray());
        await command.ExecuteNonQueryAsync();
        return [.. ids.Select(id => NewToken(new TestUser(this, $"{id}", $"Person {id}", "")))];

        static TestUser NewToken(TestUser user) => user with { Token = TokenOf(user, TimeSpan.FromHours(1)) };
    }

    /// <summary>Runs SQL on the database of users; the first value that it selects, a bigint; 0 where it selects none.</summary>
    public async Task<long> ExecuteAsync(string sql, params object[] parameters)
    {
        await using var source = NpgsqlDataSource.Create(_usersDatabase);
        await using var command = source.Command(sql, parameters);
        return await command.ExecuteScalarAsync() as long? ?? 0;
    }

    /// <summary>Two new users who are friends.</summary>
    public async Task<(TestUser A, TestUser B)> NewFriendsAsync()
    {
        var a = await NewUserAsync("Ada");
        var b = await NewUserAsync("Bo");
        await BefriendAsync(a, b);
        return (a, b);
    }

    /// <summary>Makes two users friends: one asks, the other accepts.</summary>
    public static async Task BefriendAsync(TestUser a, TestUser b)
    {
        var request = await a.SendAsync(HttpMethod.Post, "v1/friend-requests", new { userId = b.Id });
        await b.SendAsync(HttpMethod.Post, $"v1/friend-requests/{request.GetProperty("id").GetString()}/accept");
    }

    /// <summary>A token of a user that ends after a while.</summary>
    public static string TokenOf(TestUser user, TimeSpan lifetime) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = AuthOptions.DevelopmentIssuer,
        Audience = AuthOptions.DevelopmentAudience,
        Claims = new Dictionary<string, object> { ["sub"] = user.Id },
        Expires = DateTime.UtcNow + lifetime,
        SigningCredentials = new(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(SigningKey)), SecurityAlgorithms.HmacSha256),
    });

    /// <summary>One call to the Api or, by absolute address, to a gateway.</summary>
    public async Task<HttpResponseMessage> CallAsync(HttpMethod method, string path, string? token, object? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(Api, path));
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }

        return await _http.SendAsync(request);
    }

    /// <summary>An operator's call to a gateway, by its number; or to another address.</summary>
    public async Task<HttpResponseMessage> OperateAsync(HttpMethod method, string path, object? body = null, int gateway = 0)
    {
        using var request = new HttpRequestMessage(method, new Uri(new Uri(Gateways[gateway], "v1/ops/"), path));
        request.Headers.Add(OperatorPolicy.Header, OperatorKey);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }

        return await _http.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _parts.DisposeAsync();
    }

    // Each has a name of its own, which by default would be the process's.
    private void HostGateway(params (string Key, string Value)[] settings) =>
        _gateways.Add(Host<global::NearbyFriends.Gateway.GatewayOptions>([("Gateway:Id", $"gateway-{_gateways.Count}"), .. settings]));

    private ServiceHost<TService> Host<TService>((string Key, string Value)[] ownSettings) where TService : class
    {
        var settings = new Dictionary<string, string>(_settings, StringComparer.Ordinal);
        settings["Orleans:Endpoints:SiloPort"] = $"{FreePort.Choose()}"; // read with Fanout:Transport=Actors alone
        foreach (var (key, value) in ownSettings)
        {
            settings[key] = value;
        }

        var host = _parts.Own(new ServiceHost<TService>(settings, _observe));
        host.UseKestrel(0);
        host.StartServer();
        return host;
    }

    private sealed class ServiceHost<TService>(Dictionary<string, string> settings, Action<IServiceCollection> observe) : WebApplicationFactory<TService> where TService : class
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Development");
            foreach (var (key, value) in settings)
            {
                builder.UseSetting(key, value);
            }

            builder.ConfigureServices(observe);
        }
    }
}
