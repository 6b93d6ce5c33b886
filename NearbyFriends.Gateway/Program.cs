using Microsoft.Extensions.Options;
using NearbyFriends.Fanout;
using NearbyFriends.Fanout.Actors;
using NearbyFriends.Gateway;
using NearbyFriends.Gateway.Alerts;
using NearbyFriends.Gateway.Authentication;
using NearbyFriends.Gateway.Draining;
using NearbyFriends.Gateway.Friends;
using NearbyFriends.Gateway.History;
using NearbyFriends.Gateway.Ingress;
using NearbyFriends.Gateway.Operations;
using NearbyFriends.Gateway.OwnTracks;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.Gateway.Strangers;
using NearbyFriends.Gateway.Transports;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.LocationCache;
using NearbyFriends.LocationCache.Tickets;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.ServiceDefaults.Health;
using NearbyFriends.ServiceDefaults.Schemas;
using NearbyFriends.ServiceDefaults.Servers;

var builder = WebApplication.CreateBuilder(args);

// Telemetry, health checks and authentication, as in every service.
builder.AddServiceDefaults();
builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None); // else each connection keeps a log scope for as long as it lasts
builder.AddNearbyAuthentication();

// The servers.
if (builder.Configuration.GetValue<FriendSourceKind>("Friends:Source") == FriendSourceKind.Database)
{
    // Else another team's API answers for users and friendships.
    builder.AddPostgresDatabase(FriendSchema.Database);
    builder.Services.AddSchemaReadiness(FriendSchema.Database, FriendSchema.Migrations);
}

builder.AddRedisServerThatKeeps(LocationCacheOptions.Server); // who hid
builder.AddRedisServerThatKeeps("history-stream");
builder.AddPubSubServers();
builder.AddFanoutActors(hostsActors: true);

// What runs on them.
builder.Services.AddFriendSource();
builder.Services.AddLocationCache();
builder.Services.AddFanout("gateway", services => services.GetRequiredService<IOptions<GatewayOptions>>().Value.Id);
builder.Services.AddHistoryAppender();
builder.Services.AddSingleton<TicketStore>();

// Connections.
builder.Services.AddSingleton<Callers>();
builder.Services.AddBrowserOrigins();
builder.Services.AddWatching();
builder.Services.AddStrangers();
builder.Services.AddAlerts();
builder.Services.AddFriends();
builder.Services.AddIngress();
builder.Services.AddSessions();
builder.Services.AddTransports();
builder.Services.AddOwnTracks();
builder.Services.AddDraining();
builder.Services.AddOperations();
builder.WebHost.ConfigureSockets();

var app = builder.Build();
app.MapDefaultEndpoints();
app.UseKeptAliveWebSockets();
app.UseRouting(); // what follows is not for sockets: they identify their caller themselves, and would keep it all for days
app.UseProblemPages();
app.UseBrowserOrigins();
app.UseAuthentication();
app.UseAuthorization();
app.ReceiveFrames();

app.MapGet("/", () => "A NearbyFriends gateway: sockets at /v1/ws, streams at /v1/nearby/stream, locations by POST at /v1/location.");
app.MapWebSocket();
app.MapEventStream();
app.MapLocation();
app.MapOwnTracks();
app.MapOperations();
app.MapHealthDetails(OperatorPolicy.Name);

app.Run();
