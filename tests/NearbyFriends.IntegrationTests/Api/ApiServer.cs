using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NearbyFriends.TestServers;
using Caller = NearbyFriends.Api.Callers.Caller;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>One replica of the Api on a real port, in this process.</summary>
/// <example><code>
/// await using var api = await ApiServer.StartAsync(settings);
/// var alice = await api.RegisterAsync();
/// </code></example>
public sealed class ApiServer : WebApplicationFactory<Caller>
{
    /// <summary>What another service sends to read friendships.</summary>
    public const string FriendsKey = "a key of thirty-two characters, or more";

    /// <summary>What operators send.</summary>
    public const string OperatorKey = "an operator key that only the tests use";

    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly string _environment;
    private readonly Action<IServiceCollection>? _replace;
    private DocumentedAnswers? _documented;

    private ApiServer(IReadOnlyDictionary<string, string> settings, string environment, Action<IServiceCollection>? replace) =>
        (_settings, _environment, _replace) = (settings, environment, replace);

    /// <summary>The settings of a system of its own: new databases, the shared Redis.</summary>
    public static async Task<Dictionary<string, string>> NewSystemAsync(Servers servers)
    {
        var redis = (await servers.RedisAsync()).ConnectionString;
        return new(StringComparer.Ordinal)
        {
            ["ConnectionStrings:users"] = await servers.NewDatabaseAsync(),
            ["ConnectionStrings:history"] = await servers.NewDatabaseAsync(),
            ["ConnectionStrings:location-cache"] = redis,
            ["ConnectionStrings:pubsub-0"] = redis,
            ["LocationCache:WritePatience"] = "00:00:03", // a machine that stands still for a moment is no lost cache
            ["Fanout:Servers:0"] = "pubsub-0",
            ["Auth:SigningKey"] = "a signing key for tests, of no worth elsewhere",
            ["Auth:OperatorKey"] = OperatorKey,
            ["Friends:ApiKey"] = FriendsKey,
        };
    }

    /// <summary>Starts a replica and waits until it is ready.</summary>
    public static async Task<ApiServer> StartAsync(
        IReadOnlyDictionary<string, string> settings, string environment = "Development", Action<IServiceCollection>? replace = null)
    {
        var api = new ApiServer(settings, environment, replace);
        api.UseKestrel(0);
        api.StartServer();
        using var http = api.CreateClient();
        await Eventually.True(
            async () =>
            {
                using var health = await http.GetAsync(new Uri("health", UriKind.Relative));
                return health.StatusCode == HttpStatusCode.OK;
            },
            "the Api is ready");
        api._documented = new DocumentedAnswers(await http.GetStringAsync(new Uri("openapi/v1.json", UriKind.Relative)));
        return api;
    }

    /// <summary>What the replica's OpenAPI document says; every answer to <see cref="Connect"/>'s clients is held against it.</summary>
    public DocumentedAnswers Documented => _documented!;

    /// <summary>A caller with this token, or without one.</summary>
    public ApiCaller Connect(string? token = null)
    {
        var http = new HttpClient(new DocumentedAnswersHandler(Documented)) { BaseAddress = ClientOptions.BaseAddress };
        if (token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        }

        return new ApiCaller(http);
    }

    /// <summary>Registers a user with a name that nobody has, and signs it in.</summary>
    public async Task<TestUser> RegisterAsync(string displayName = "Somebody")
    {
        var name = $"user-{Guid.NewGuid():N}"[..24];
        var anyone = Connect();
        var user = await anyone.PostAsync("v1/users", new { userName = name, displayName });
        return await SignInAsync(user.Text("id"), name);
    }

    /// <summary>A registered user with a new token.</summary>
    public async Task<TestUser> SignInAsync(string id, string userName)
    {
        var token = (await Connect().PostAsync("v1/dev/tokens", new { userName })).Text("accessToken");
        return new TestUser(id, userName, token, Connect(token));
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(_environment);
        foreach (var (name, value) in _settings)
        {
            builder.UseSetting(name, value);
        }

        builder.ConfigureLogging(logging => logging.ClearProviders());
        if (_replace is not null)
        {
            builder.ConfigureTestServices(_replace);
        }
    }
}

/// <summary>Two replicas of the Api over one system, for all tests of the collection.</summary>
public sealed class ApiReplicas(Servers servers) : IAsyncLifetime
{
    private FrameListener? _frames;

    public Dictionary<string, string> Settings { get; private set; } = [];

    public ApiServer First { get; private set; } = null!;

    public ApiServer Second { get; private set; } = null!;

    /// <summary>What the gateways are told.</summary>
    public FrameListener Frames => _frames!;

    public async ValueTask InitializeAsync()
    {
        Settings = await ApiServer.NewSystemAsync(servers);
        var starting = (ApiServer.StartAsync(Settings), ApiServer.StartAsync(Settings));
        (First, Second) = (await starting.Item1, await starting.Item2);
        _frames = await FrameListener.StartAsync(Settings["ConnectionStrings:pubsub-0"]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_frames is not null)
        {
            await _frames.DisposeAsync();
        }

        await First.DisposeAsync();
        await Second.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class ApiCollection : ICollectionFixture<ApiReplicas>
{
    public const string Name = "Api";
}
