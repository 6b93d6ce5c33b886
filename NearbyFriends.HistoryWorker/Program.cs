using NearbyFriends.History;
using NearbyFriends.HistoryWorker;
using NearbyFriends.ServiceDefaults;
using NearbyFriends.ServiceDefaults.Servers;

// history-worker export …, history-worker import …
if (HistoryCommandLine.IsAsked(args))
{
    return await HistoryCommandLine.RunAsync(args);
}

var builder = WebApplication.CreateBuilder(args);

// Telemetry and health checks, as in every service.
builder.AddServiceDefaults();

// The servers. While one is unavailable, points wait in the stream or in the gateways.
builder.AddRedisServer(HistoryStreams.Server);
builder.AddPostgresDatabase(HistorySchema.Database);

// From the streams into the database.
builder.Services.AddHistoryStore();
builder.Services.AddHistoryLanes();

var app = builder.Build();
app.MapDefaultEndpoints();
HistoryHealth.Map(app);
await app.RunAsync();
return 0;
