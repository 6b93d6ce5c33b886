// The whole system on one page, in the order in which a location travels through it.
using NearbyFriends.AppHost;

var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
{
    Args = args,
    DisableDashboard = Environment.GetEnvironmentVariable("Dashboard") == "false",
});
var size = SystemSize.From(builder.Configuration);

// Secrets: generated on first run and kept; a deployment is asked for them.
var signingKey = builder.AddSecret("auth-signing-key");
var operatorKey = builder.AddSecret("operator-key");

// Who is a friend of whom, and where everyone has been: two databases, so that each can move to servers of its own.
var postgres = builder.AddPostgres("postgres").WithArgs("-c", "max_connections=300");
var users = postgres.AddDatabase("users");
var history = postgres.AddDatabase("history");

// Where everyone is now: entries expire by themselves, so nothing is lost that the next location does not bring back.
var locationCache = builder.AddLocationCache(size.CacheServers, size.CacheReplicas);

// Fan-out: independent pub/sub servers, and standbys that replace a dead one. They store nothing.
var pubsub = builder.AddRedisServers("pubsub", size.PubSubServers);
var standbys = builder.AddRedisServers("pubsub-standby", size.PubSubStandbys);

// Or one Redis Cluster for both (Fanout:Transport=Cluster).
var cluster = size.OnCluster ? builder.AddRedisCluster("redis-cluster") : null;

// Service discovery: here gateways and Api agree which server owns which channel. The image is set up by environment: it has a command, but no entry point.
var etcd = builder.AddContainer("etcd", "coreos/etcd", "v3.6.5").WithImageRegistry("quay.io")
    .WithEnvironment("ETCD_LISTEN_CLIENT_URLS", "http://0.0.0.0:2379")
    .WithEnvironment("ETCD_ADVERTISE_CLIENT_URLS", "http://etcd:2379")
    .WithHttpEndpoint(targetPort: 2379, name: "client")
    .WithHttpHealthCheck("/health", endpointName: "client");

// The buffer between gateways and history: on disk every second; full means full, for dropping what is old would lose it.
var historyStream = builder.AddRedisServer("history-stream").WithServerArgs(
    "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory", "512mb", "--maxmemory-policy", "noeviction");

if (size.Volumes)
{
    postgres.WithDataVolume();
    historyStream.WithDataVolume();
}

// REST: people, friendships, tickets, own history.
var api = builder.AddService<Projects.NearbyFriends_Api>("api").WithReplicas(2).WithExternalHttpEndpoints()
    .WithSecrets(signingKey, operatorKey)
    .Needs(users).Needs(history).WithLocationCache(locationCache)
    .WithFanout(pubsub, standbys, etcd).WithCluster(cluster);

// Connections: WebSocket and SSE, POST for what cannot hold one. Every replica is a peer; a user may be on any.
var gateway = builder.AddService<Projects.NearbyFriends_Gateway>("gateway").WithReplicas(size.Gateways).WithExternalHttpEndpoints()
    .WithSecrets(signingKey, operatorKey)
    .Needs(users).WithLocationCache(locationCache).Needs(historyStream)
    .WithFanout(pubsub, standbys, etcd).WithCluster(cluster);

// What operators do to the ring on the dashboard, a gateway does.
gateway.WithRingCommands([.. pubsub, .. standbys], operatorKey);

// What people see in a browser.
api.WithMapPage(gateway);

// Stream to Postgres, at its own pace.
builder.AddService<Projects.NearbyFriends_HistoryWorker>("history-worker")
    .Needs(historyStream).Needs(history);

// People to look at, on a developer's machine only.
if (size.Simulator && builder.ExecutionContext.IsRunMode)
{
    builder.AddSimulator(api, gateway);
}

builder.AddEndpointsFile();
builder.Build().Run();
