using NearbyFriends.LoadGenerator;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.Schemas;
using NearbyFriends.TestServers;
using Npgsql;

namespace NearbyFriends.Benchmarks.Gateways;

/// <summary>The servers of a system, its people in the database, and gateways as processes of their own.</summary>
internal sealed class GatewayBench : IAsyncDisposable
{
    /// <summary>How fast people connect where that is not what is measured.</summary>
    public const double ConnectsPerSecond = 400;

    private const double AllAtOnce = 1e9; // connects a second
    private const string SigningKey = "a signing key that only the benchmarks use, 32 bytes or more";
    private readonly OwnedParts _parts = new();
    private RedisServer _cache = null!;
    private RedisServer _stream = null!;
    private RedisServer _pubsub = null!;
    private PostgresServer _postgres = null!;
    private string _users = "";

    private GatewayBench(LoadPopulation people) => People = people;

    public LoadPopulation People { get; }

    /// <summary>Process numbers of Redis (three servers) and Postgres.</summary>
    public IEnumerable<int> Servers => [_cache.ProcessId, _stream.ProcessId, _pubsub.ProcessId, _postgres.ProcessId];

    /// <summary>Process number of the pub/sub server.</summary>
    public int PubSub => _pubsub.ProcessId;

    public static async Task<GatewayBench> StartAsync(LoadPopulation people)
    {
        var bench = new GatewayBench(people);
        try
        {
            Report.Stage($"Servers, and {people.Users:N0} users with {people.Friends} friends each");
            bench._cache = await bench._parts.OwnAsync(RedisServer.StartAsync());
            bench._stream = await bench._parts.OwnAsync(RedisServer.StartAsync());
            bench._pubsub = await bench._parts.OwnAsync(RedisServer.StartAsync());
            bench._postgres = await bench._parts.OwnAsync(PostgresServer.StartAsync());
            bench._users = await bench._postgres.CreateDatabaseAsync("users");
            await using var database = NpgsqlDataSource.Create(bench._users);
            await DatabaseMigrations.ApplyAsync(database, FriendSchema.Migrations, FriendSchema.Database, default);
            await people.WriteAsync(bench._users, default);
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a gateway with the settings that it ships with, but for those given.</summary>
    public Task<ServiceProcess> StartGatewayAsync(params (string Key, string Value)[] settings) => StartGatewayAsync("", settings);

    /// <summary>The same for a gateway of another build.</summary>
    /// <param name="build">Full path of its folder; this build when empty.</param>
    /// <param name="settings">Configuration that differs.</param>
    public Task<ServiceProcess> StartGatewayAsync(string build, (string Key, string Value)[] settings) => _parts.OwnAsync(ServiceProcess.StartListeningAsync(
        Path.Combine(build, "NearbyFriends.Gateway"),
        [
            ("ConnectionStrings:users", _users),
            ("ConnectionStrings:location-cache", _cache.ConnectionString),
            ("ConnectionStrings:history-stream", _stream.ConnectionString),
            ("ConnectionStrings:pubsub-0", _pubsub.ConnectionString),
            ("Fanout:Servers:0", "pubsub-0"),
            ("Auth:SigningKey", SigningKey),
            ("Telemetry:SampleRatio", "0.01"),
            .. settings,
        ]));

    /// <summary>Starts what gateways are compared with, with the population's size.</summary>
    public Task<ServiceProcess> StartBaselineAsync(string name) => _parts.OwnAsync(ServiceProcess.StartListeningAsync(
        "NearbyFriends.Baselines", ("baseline", name), ("users", $"{People.Users}"), ("nearby", $"{People.NearbyFriends}")));

    /// <summary>Connects users to servers, evenly.</summary>
    public async Task<Load> ConnectAsync(LoadTarget target, Range users, params ServiceProcess[] servers)
    {
        var load = await StartLoadAsync(target, users, ConnectsPerSecond, servers);
        await load.ConnectAsync();
        return load;
    }

    /// <summary>Connects the first users in two waves: what the first makes hot is compiled with what it counted, which the second makes hot again.</summary>
    public async Task WarmUpAsync(int users, ServiceProcess gateway)
    {
        var load = await StartLoadAsync(LoadTarget.Gateway, ..users, ConnectsPerSecond, gateway);
        foreach (var connected in (int[])[users / 2, users])
        {
            await load.ConnectAsync(connected);
            await ProcessUse.CalmAsync([gateway.ProcessId]);
        }
    }

    /// <summary>The processes of a load that connects nobody yet.</summary>
    public Task<Load> StartLoadAsync(LoadTarget target, Range users, double connectsPerSecond, params ServiceProcess[] servers) => _parts.OwnAsync(Load.StartAsync(
        People, [.. servers.Select(server => server.Address!)], target, target == LoadTarget.Gateway ? SigningKey : null, connectsPerSecond, users));

    /// <summary>A load whose users all dial a gateway at the same moment once they are told to.</summary>
    public Task<Load> StartStormAsync(Range users, ServiceProcess gateway) => _parts.OwnAsync(Load.StartAsync(
        People, [gateway.Address!], LoadTarget.Gateway, SigningKey, connectsPerSecond: AllAtOnce, users, dialsAtOnce: People.Users));

    /// <summary>A load of users who choose the fastest pace, so that what they receive late is seen.</summary>
    public Task<Load> StartAlertLoadAsync(Range users, ServiceProcess gateway) => _parts.OwnAsync(Load.StartAsync(
        People, [gateway.Address!], LoadTarget.Gateway with { Hello = "{\"type\":\"pace\",\"flushMs\":500}" }, SigningKey, ConnectsPerSecond, users));

    public ValueTask DisposeAsync() => _parts.DisposeAsync();
}
