using System.Globalization;
using NearbyFriends.Benchmarks.Gateways;
using NearbyFriends.LoadGenerator;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Peers;

/// <summary>Starts the peers, each as its own documentation says, and ours.</summary>
/// <param name="people">Everybody; each peer serves all of them, with servers that no other uses.</param>
internal sealed class PeersBench(LoadPopulation people) : IAsyncDisposable
{
    private const string Payload = "{\"id\":\"{id}\",\"lat\":{lat},\"lon\":{lon},\"time\":{time}}";

    private static readonly LoadTarget SignalR = new(
        "/hub?user={user}",
        Protocol: null,
        Hello: "{\"protocol\":\"json\",\"version\":1}\u001e",
        Opened: "\"nearby\"",
        Update: "{\"type\":1,\"target\":\"Move\",\"arguments\":[{lat},{lon},{time}]}\u001e",
        Moved: "\"moved\"")
    {
        Ping = "{\"type\":6}\u001e",
        Pong = "{\"type\":6}\u001e",
    };

    private static readonly LoadTarget SocketIo = new(
        "/socket.io/?EIO=4&transport=websocket&user={user}",
        Protocol: null,
        Hello: "40",
        Opened: "42[\"nearby\"",
        Update: "42[\"move\",{lat},{lon},{time}]",
        Moved: "\"moved\"")
    {
        UpdatesWhenOpened = true,
        Ping = "2",
        Pong = "3",
    };

    private static readonly LoadTarget UWebSockets = new(
        "/?user={user}",
        Protocol: null,
        Hello: null,
        Opened: "{\"type\":\"nearby\"",
        Update: "{\"lat\":{lat},\"lon\":{lon},\"time\":{time}}",
        Moved: "\"moved\"");

    // The client protocol of NATS; it keeps no last value, so there is no first list.
    private static readonly LoadTarget Nats = new(
        "/",
        Protocol: null,
        Hello: "CONNECT {\"verbose\":false}\r\n",
        Opened: "PONG\r\n",
        Update: $"PUB user.{{id}} {PayloadLength}\r\n{Payload}\r\n",
        Moved: "")
    {
        Watch = "SUB user.{friend} {n}\r\n",
        Watched = "PING\r\n",
        Ping = "PING\r\n",
        Pong = "PONG\r\n",
        IsBinary = true,
    };

    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "Node");

    private readonly OwnedParts _parts = new();
    private string? _node;

    /// <summary>Peers that this machine lacks, and what would bring them.</summary>
    public HashSet<string> Missing { get; } = [];

    private static int PayloadLength => Payload.Replace("{id}", new('1', 16), StringComparison.Ordinal).Replace("{lat}", "-59.991234", StringComparison.Ordinal)
        .Replace("{lon}", "-149.991234", StringComparison.Ordinal).Replace("{time}", new('1', 13), StringComparison.Ordinal).Length;

    /// <summary>Our gateway, with friends, consent, cache and history as it ships.</summary>
    /// <param name="name">As the metrics name it.</param>
    /// <param name="flush">The pace.</param>
    public async Task<Peer> StartOursAsync(string name, TimeSpan flush)
    {
        var ours = await _parts.OwnAsync(GatewayBench.StartAsync(people));
        var gateway = await ours.StartGatewayAsync(("Gateway:Flush", $"{flush}"), ("Gateway:UpdatesPerSecond", "0"));
        var load = await ours.StartLoadAsync(LoadTarget.Gateway, .., PeersBenchmark.ConnectsPerSecond, gateway);
        return new(name, flush == TimeSpan.Zero ? "ours, each update at once" : $"ours, {flush.TotalSeconds:0} s pace", [gateway.ProcessId, .. ours.Servers], load) { Pace = flush };
    }

    /// <summary>SignalR with its Redis backplane.</summary>
    public async Task<Peer> StartSignalRAsync()
    {
        var redis = await _parts.OwnAsync(RedisServer.StartAsync());
        var hub = await _parts.OwnAsync(ServiceProcess.StartListeningAsync(
            "NearbyFriends.Baselines", ("baseline", "signalr"), ("users", $"{people.Users}"), ("nearby", $"{people.NearbyFriends}"), ("redis", redis.ConnectionString)));
        return new("signalr", "ASP.NET Core SignalR, Redis backplane, a group a user", [hub.ProcessId, redis.ProcessId], await ConnectToAsync(hub.Address!, SignalR));
    }

    /// <summary>Socket.IO with its Redis adapter.</summary>
    public async Task<Peer?> StartSocketIoAsync()
    {
        if (!await HasNodeAsync())
        {
            return null;
        }

        var redis = await _parts.OwnAsync(RedisServer.StartAsync());
        var server = await StartNodeAsync("socketio.mjs", $"REDIS=redis://:{redis.Password}@127.0.0.1:{redis.Port}");
        return new("socketio", "Socket.IO, Redis adapter, a room a user", [server.ProcessId, redis.ProcessId], await ConnectToAsync(server.Address, SocketIo));
    }

    /// <summary>uWebSockets.js with its own publish and subscribe; null also where its package has no binary for the Node.js of this machine.</summary>
    public async Task<Peer?> StartUWebSocketsAsync()
    {
        if (!await HasNodeAsync())
        {
            return null;
        }

        try
        {
            await ServerProcess.RunAsync(_node!, [Path.Combine(Scripts, "node_modules", "@rjweb", "uws", "uws.js")]);
        }
        catch (InvalidOperationException)
        {
            Missing.Add("uWebSockets.js (its npm package has binaries for Node.js 16, 18 and 20)");
            return null;
        }

        var server = await StartNodeAsync("uwebsockets.mjs");
        return new("uwebsockets", "uWebSockets.js, a topic a user; one process without broker", [server.ProcessId], await ConnectToAsync(server.Address, UWebSockets))
        {
            IsLimit = true,
        };
    }

    /// <summary>NATS by its WebSocket listener.</summary>
    public Task<Peer?> StartNatsAsync() => StartBrokerAsync(
        "nats", "NATS, WebSocket listener, a subject a user; no first list", "nats-server", Nats,
        port => $"listen: \"127.0.0.1:{FreePort.Choose()}\"\nwebsocket {{ listen: \"127.0.0.1:{port}\", no_tls: true }}\n");

    /// <summary>Mosquitto by its WebSocket listener, with retained messages as first list.</summary>
    public Task<Peer?> StartMosquittoAsync() => StartBrokerAsync(
        "mosquitto", "Mosquitto, MQTT over WebSocket, a retained topic a user", "mosquitto", Mqtt(people.Friends),
        // Debian's 2.0.11 refuses to start with nothing but a WebSocket listener.
        port => $"listener {FreePort.Choose()} 127.0.0.1\nlistener {port} 127.0.0.1\nprotocol websockets\nallow_anonymous true\nlog_type error\n");

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    /// <summary>MQTT 3.1.1: CONNECT without keep-alive, one SUBSCRIBE with a topic for each friend, PUBLISH retained with QoS 0.</summary>
    private static LoadTarget Mqtt(int friends)
    {
        const string Topic = "u/{id}";
        const int TopicLength = 18;
        var subscribe = 2 + (friends * (2 + TopicLength + 1));
        return new(
            "/mqtt",
            "mqtt",
            Hello: "\u0010\u000c\u0000\u0004MQTT\u0004\u0002\u0000\u0000\u0000\u0000" + "\u0082" + VariableLength(subscribe) + "\u0000\u0001",
            Opened: "\u0090" + VariableLength(2 + friends) + "\u0000\u0001",
            Update: "\u0031" + VariableLength(2 + TopicLength + PayloadLength) + "\u0000" + (char)TopicLength + Topic + Payload,
            Moved: "")
        {
            Watch = "\u0000" + (char)TopicLength + "u/{friend}\u0000",
            IsBinary = true,
        };
    }

    // "Remaining length" of MQTT: seven bits a byte, the lowest first.
    private static string VariableLength(int length) =>
        length < 128 ? $"{(char)length}" : $"{(char)(128 | (length % 128))}{VariableLength(length / 128)}";

    /// <summary>A broker that clients speak to themselves; null where it is not installed.</summary>
    /// <param name="name">As the metrics name it.</param>
    /// <param name="what">What it is, for the table.</param>
    /// <param name="program">Its program, and its package on Debian.</param>
    /// <param name="target">Its protocol.</param>
    /// <param name="configuration">Its configuration file, by the port of its WebSocket listener.</param>
    private async Task<Peer?> StartBrokerAsync(string name, string what, string program, LoadTarget target, Func<int, string> configuration)
    {
        if (Find(program, $"Debian: {program}") is not { } path)
        {
            return null;
        }

        var server = await _parts.OwnAsync(PeerServer.StartAsync(path, (port, own) =>
        {
            var file = Path.Combine(own.FullName, "broker.conf");
            File.WriteAllText(file, configuration(port));
            return ["-c", file];
        }));
        return new(name, what, [server.ProcessId], await ConnectToAsync(server.Address, target));
    }

    /// <summary>Finds Node.js and installs the packages of the peers that run in it, once; false where it is not installed.</summary>
    private async Task<bool> HasNodeAsync()
    {
        if (_node is null && Find("node", "Node.js") is { } node && Find("npm", "Node.js") is { } npm)
        {
            Report.Stage("Installing Socket.IO and uWebSockets.js");
            await ServerProcess.RunAsync(npm, ["install", "--prefix", Scripts, "--no-audit", "--no-fund", "--silent"]);
            _node = node;
        }

        return _node is not null;
    }

    /// <summary>Starts a peer that runs in Node.js.</summary>
    /// <param name="script">Its file.</param>
    /// <param name="environment">What it is told besides its port and everybody's friends.</param>
    private Task<PeerServer> StartNodeAsync(string script, params string[] environment) =>
        _parts.OwnAsync(PeerServer.StartAsync(Programs.Require("env", "it is part of every Unix"), (port, own) =>
        {
            var friends = Path.Combine(own.FullName, "friends");
            File.WriteAllLines(friends, Enumerable.Range(0, people.Users).Select(user => string.Join(' ', [LoadPopulation.IdOf(user), .. people.FriendsOf(user)])));
            return [$"PORT={port}", $"FRIENDS={friends}", "NODE_ENV=production", .. environment, _node!, Path.Combine(Scripts, script)];
        }));

    private string? Find(string program, string remedy)
    {
        var found = Programs.Find(program, "/usr/sbin", "/usr/local/sbin");
        if (found is null)
        {
            Missing.Add(string.Create(CultureInfo.InvariantCulture, $"{program} ({remedy})"));
        }

        return found;
    }

    private Task<Load> ConnectToAsync(Uri server, LoadTarget target) =>
        _parts.OwnAsync(Load.StartAsync(people, [server], target, signingKey: null, PeersBenchmark.ConnectsPerSecond));
}
