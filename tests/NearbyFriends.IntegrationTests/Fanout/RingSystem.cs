using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout;
using NearbyFriends.Fanout.Actors;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Discovery;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.Fanout.Ring;
using NearbyFriends.ServiceDefaults.Servers;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Fanout;

/// <summary>An etcd, pub/sub servers, and processes that publish and subscribe; no users, no sockets.</summary>
public sealed class RingSystem : IAsyncDisposable
{
    private readonly Dictionary<string, string?> _settings = new(StringComparer.Ordinal);
    private readonly List<RingNode> _nodes = [];

    private DistantEtcd? _distant;

    private RingSystem(EtcdServer etcd)
    {
        Etcd = etcd;
        Client = new EtcdClient([new Uri(etcd.Url)]);
    }

    public EtcdServer Etcd { get; }

    /// <summary>etcd, as any process reaches it.</summary>
    public EtcdClient Client { get; }

    /// <summary>The pub/sub servers by name: <c>pubsub-0</c>, <c>standby-0</c>, <c>spare-0</c> and so on.</summary>
    public Dictionary<string, RedisServer> Servers { get; } = new(StringComparer.Ordinal);

    /// <param name="members">Servers of the first ring.</param>
    /// <param name="standbys">Servers that stand by.</param>
    /// <param name="spares">Servers that have a connection string and nothing else.</param>
    /// <param name="settings">Override the processes' configuration.</param>
    public static async Task<RingSystem> StartAsync(int members, int standbys = 0, int spares = 0, params (string Key, string Value)[] settings)
    {
        var system = new RingSystem(await EtcdServer.StartAsync());
        system._settings["Discovery:Etcd"] = system.Etcd.Url;
        system._settings["Discovery:LeaseTime"] = "00:00:15"; // a machine that stands still is no dead process
        system._settings["Fanout:DeadAfter"] = "00:00:30";
        await system.StartServersAsync("pubsub", members, "Fanout:Servers");
        await system.StartServersAsync("standby", standbys, "Fanout:Standbys");
        await system.StartServersAsync("spare", spares, null);
        foreach (var (key, value) in settings)
        {
            system._settings[key] = value;
        }

        return system;
    }

    /// <summary>Starts a process.</summary>
    public async Task<RingNode> StartNodeAsync(string kind = "gateway", params (string Key, string Value)[] settings)
    {
        var configuration = new Dictionary<string, string?>(_settings, StringComparer.Ordinal);
        foreach (var (key, value) in settings)
        {
            configuration[key] = value;
        }

        var node = new RingNode(kind, configuration);
        _nodes.Add(node);
        await node.StartAsync();
        return node;
    }

    /// <summary>Starts two processes that publish and receive; the second learns of everything a quarter of a second later.</summary>
    public async Task<RingNode[]> StartNodesAsync()
    {
        _distant = new DistantEtcd(Etcd.Url);
        return [await StartNodeAsync(), await StartNodeAsync("api", ("Discovery:Etcd", _distant.Url))];
    }

    /// <summary>What is agreed on.</summary>
    public Task<RingRecord> RecordAsync() => RecordAsync(Client);

    /// <summary>What is agreed on, by an etcd that may be slow to answer, or to elect a leader.</summary>
    public static async Task<RingRecord> RecordAsync(EtcdClient etcd)
    {
        string? record = null;
        await Eventually.True(
            async () =>
            {
                try
                {
                    return (record = (await etcd.GetAsync("nearbyfriends/ring/record"))?.Value) is not null;
                }
                catch (EtcdException)
                {
                    return false;
                }
            },
            "etcd knows the ring");
        return RingRecord.Parse(record!);
    }

    /// <summary>A process that lives and never gets ready; ends with its lease.</summary>
    public async Task<long> StartSleeperAsync()
    {
        var lease = await Client.GrantLeaseAsync(TimeSpan.FromMinutes(1));
        await Client.PutAsync("nearbyfriends/processes/sleeper", new RingProcessReport("gateway", 0, 0).ToJson(), lease);
        return lease;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        if (_distant is not null)
        {
            await _distant.DisposeAsync();
        }

        Client.Dispose();
        await Etcd.DisposeAsync();
        foreach (var server in Servers.Values)
        {
            await server.DisposeAsync();
        }
    }

    private async Task StartServersAsync(string name, int count, string? setting)
    {
        for (var i = 0; i < count; i++)
        {
            var server = await RedisServer.StartAsync();
            Servers.Add($"{name}-{i}", server);
            _settings[$"ConnectionStrings:{name}-{i}"] = server.ConnectionString;
            if (setting is not null)
            {
                _settings[$"{setting}:{i}"] = $"{name}-{i}";
            }
        }
    }
}

/// <summary>A process of a <see cref="RingSystem"/> that watches users and keeps what it hears of them.</summary>
public sealed class RingNode : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly ConcurrentDictionary<(long User, long Time), int> _heard = new();

    public RingNode(string kind, Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddPubSubServers();
        builder.AddFanoutActors(hostsActors: kind == "gateway");
        builder.Services.AddFanout(kind);
        _host = builder.Build();
        Get<FanoutSubscriber>().OnFrame(Receive);
    }

    /// <summary>How often each update was heard.</summary>
    public IReadOnlyDictionary<(long User, long Time), int> Heard => _heard;

    public RingState State => Get<RingState>();

    public RingChanges Changes => Get<RingChanges>();

    public T Get<T>() where T : notnull => _host.Services.GetRequiredService<T>();

    public Task StartAsync() => _host.StartAsync();

    public Task StopAsync() => _host.StopAsync();

    /// <summary>Watches users 1 to <paramref name="count"/>.</summary>
    public Task WatchAsync(int count) => Get<FanoutSubscriber>().WatchAsync([.. Enumerable.Range(1, count).Select(user => (long)user)]);

    /// <summary>The servers that frames about a user go to now.</summary>
    public int Servers(long user)
    {
        var routes = Get<IFanoutRoutes>();
        return routes.Current[routes.Scheme.SlotOf(user)].PublishTo.Length;
    }

    /// <summary>Says that a user moved.</summary>
    public void Publish(long user, long time) =>
        Get<FanoutPublisher>().TrySend(FrameEntry.Moved(user, 1, Location.FromDegrees(52, 13, time), receivedAt: 0));

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private void Receive(ReadOnlySpan<byte> frame)
    {
        Assert.True(FrameReader.TryOpen(frame, out var reader), string.Create(CultureInfo.InvariantCulture, $"{frame.Length} bytes are no frame"));
        while (reader.TryRead(out var entry, out _))
        {
            _heard.AddOrUpdate((entry.UserId, entry.Location.Time), 1, static (_, times) => times + 1);
        }
    }
}
