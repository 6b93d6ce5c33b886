// The whole system on one page, in the order in which a location travels through it.
using NearbyFriends.AppHost;
using NearbyFriends.AppHost.Servers;

var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
{
    Args = args,
    DisableDashboard = !Dashboard.Configure(args),
});
var size = SystemSize.From(builder.Configuration);
var servers = builder.AddServers(); // in containers, or installed on this machine; a deployment's own

// Who may call: generated on first run and kept; a deployment is asked, also for who issues tokens.
var operatorKey = builder.AddSecret("operator-key");
var callers = builder.AddCallers(operatorKey);

// Who is a friend of whom, and where everyone has been: two databases, so that each can move to servers of its own.
var postgres = servers.AddPostgres("postgres", size.KeepData, "-c", $"max_connections={DatabaseConnections.Max(builder.Configuration, size.Gateways)}");
var users = servers.AddDatabase(postgres, "users");
var history = servers.AddDatabase(postgres, "history");

// Where everyone is now: entries expire by themselves, so nothing is lost that the next location does not bring back.
// One server, or a Redis Cluster (LocationCache:Cluster=true); on the cluster of the fan-out, if there is one.
var cluster = size.OnCluster ? servers.AddRedisCluster("redis-cluster", size.ClusterPort) : null;
var locationCache = cluster
    ?? (size.CacheOnCluster ? servers.AddRedisCluster("location-cache", size.ClusterPort) : servers.AddRedis(
        "location-cache", keepData: false, "--maxmemory", "512mb", "--maxmemory-policy", "noeviction")); // who hid must not be evicted

// Fan-out: independent pub/sub servers, and standbys that replace a dead one. They store nothing.
var pubsub = servers.AddRedisServers("pubsub", size.PubSubServers);
var standbys = servers.AddRedisServers("pubsub-standby", size.PubSubStandbys);

// Service discovery: here gateways and Api agree which server owns which channel.
var etcd = size.OnRing ? servers.AddEtcd("etcd") : null;

// Or fan-out without any server: actors of the gateways, who find each other in a Redis (Fanout:Transport=Actors).
var actors = builder.AddActors(servers);

// The buffer between gateways and history: on disk every second; full means full, for dropping what is old would lose it.
var historyStream = servers.AddRedis("history-stream", size.KeepData,
    "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory", "512mb", "--maxmemory-policy", "noeviction");

// REST: people, friendships, tickets, own history.
var api = builder.AddService<Projects.NearbyFriends_Api>("api", 15880).WithReplicas(DatabaseConnections.ApiReplicas)
    .Knows(callers).WithSettings("Alerts", "Auth", "Friends", "Presence", "Proxies", "RateLimits", "Web")
    .Needs(users).Needs(history).WithLocationCache(locationCache, size.CacheOnCluster)
    .WithFanout(pubsub, standbys, etcd).WithCluster(cluster).WithActors(actors);

// Connections: WebSocket and SSE, POST for what cannot hold one. Every replica is a peer; a user may be on any.
var gateway = builder.AddService<Projects.NearbyFriends_Gateway>("gateway", 15881).WithReplicas(size.Gateways)
    .Knows(callers).WithSettings("Auth", "Friends", "Gateway", "Presence", "Proxies", "Strangers")
    .Needs(users).WithLocationCache(locationCache, size.CacheOnCluster).Needs(historyStream)
    .WithFanout(pubsub, standbys, etcd).WithCluster(cluster).WithActors(actors);

// What operators do to the ring on the dashboard, a gateway does.
gateway.WithRingCommands([.. pubsub, .. standbys], operatorKey);

// What people see in a browser.
api.WithMapPage(gateway);

// Stream to Postgres, at its own pace; the last to stop, for it stores what gateways hand over when they stop.
var historyWorker = builder.AddService<Projects.NearbyFriends_HistoryWorker>("history-worker")
    .Needs(historyStream).Needs(history);
gateway.StopsBefore(historyWorker);

// People to look at, on a developer's machine only.
if (size.Simulator && builder.ExecutionContext.IsRunMode)
{
    builder.AddSimulator(api, gateway);
}

builder.AddEndpointsFile();
builder.StopInOrder();
builder.Build().Run();
