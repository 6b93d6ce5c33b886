using System.Text.Json.Serialization;
using NearbyFriends.Api.Accounts;
using NearbyFriends.Api.Alerts;
using NearbyFriends.Api.AsyncApi;
using NearbyFriends.Api.Blocks;
using NearbyFriends.Api.Callers;
using NearbyFriends.Api.Changes;
using NearbyFriends.Api.Devices;
using NearbyFriends.Api.DevTokens;
using NearbyFriends.Api.FriendRequests;
using NearbyFriends.Api.Friends;
using NearbyFriends.Api.FriendSource;
using NearbyFriends.Api.History;
using NearbyFriends.Api.MapPage;
using NearbyFriends.Api.Me;
using NearbyFriends.Api.Migrating;
using NearbyFriends.Api.Nearby;
using NearbyFriends.Api.Notices;
using NearbyFriends.Api.OpenApi;
using NearbyFriends.Api.Operations;
using NearbyFriends.Api.Problems;
using NearbyFriends.Api.RateLimits;
using NearbyFriends.Api.Tickets;
using NearbyFriends.Api.Upkeep;
using NearbyFriends.Api.Users;
using NearbyFriends.Fanout;
using NearbyFriends.Fanout.Actors;
using NearbyFriends.History;
using NearbyFriends.LocationCache;
using NearbyFriends.LocationCache.Tickets;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.ServiceDefaults.Health;
using NearbyFriends.ServiceDefaults.Schemas;
using NearbyFriends.ServiceDefaults.Servers;

// api migrate …
if (MigrateCommand.IsAsked(args))
{
    return await MigrateCommand.RunAsync(args);
}

var builder = WebApplication.CreateBuilder(args);

// Telemetry, health checks and authentication, as in every service.
builder.AddServiceDefaults();
builder.AddNearbyAuthentication();

// The servers. Without the first nothing can be answered, without the others most requests can.
builder.AddPostgresDatabase(FriendSchema.Database);
builder.Services.AddSchemaMigration(FriendSchema.Database, FriendSchema.Migrations).AddSchemaReadiness(FriendSchema.Database, FriendSchema.Migrations);
builder.AddPostgresDatabase(HistorySchema.Database);
builder.Services.AddSchemaMigration(HistorySchema.Database, HistorySchema.Migrations);
builder.AddRedisServer(LocationCacheOptions.Server);
builder.AddPubSubServers();
builder.AddFanoutActors(hostsActors: false);

// What runs on them.
builder.Services.AddLocationCache();
builder.Services.AddFanout("api");
builder.Services.AddFriendSource();
builder.Services.AddHistoryDatabase();
builder.Services.AddSingleton<TicketStore>();

// People, and what gateways learn of them.
builder.Services.AddSingleton<ChangeAnnouncer>();
builder.Services.AddSingleton<UserAccounts>();
builder.Services.AddSingleton<AccountErasure>();
builder.Services.AddSingleton<FriendRequestStore>();
builder.Services.AddSingleton<Friendships>();
builder.Services.AddSingleton<BlockList>();
builder.Services.AddSingleton<DeviceStore>();
builder.Services.AddSingleton<AlertRules>();
builder.Services.AddNotices();
builder.Services.AddHostedService<PeopleUpkeep>();
builder.Services.AddSingleton<NearbySnapshots>();
builder.Services.AddSingleton<NearbyFriendsFinder>();

// How it answers.
builder.Services.AddValidation();
builder.Services.AddProblemResponses();
builder.Services.AddRateLimits();
builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict); // numbers are not written as text
builder.Services.AddApiDocument();
builder.Services.AddMapPage();

var app = builder.Build();
app.MapDefaultEndpoints();
app.UseProblemResponses();
var hasMapPage = app.UseMapPage();
app.UseAuthentication();
app.UseRateLimiter();
app.UseAuthorization();
app.UseCallers();

app.MapOpenApi();
app.MapGatewayDocument();
app.MapAsyncApi();
app.MapProblemPages();
app.MapHealthDetails(OperatorPolicy.Name);

var v1 = app.MapGroup("/v1")
    .MapUsers(withoutToken: app.Services.GivesTokensToAnybody())
    .MapMe()
    .MapDevices()
    .MapHistory()
    .MapFriendRequests()
    .MapFriends()
    .MapBlocks()
    .MapAlerts()
    .MapPush()
    .MapNearby()
    .MapTickets()
    .MapLocks();

// Another service may read friendships with the key that both know.
if (app.Configuration["Friends:ApiKey"] is { Length: > 0 })
{
    v1.MapFriendSource();
}

if (app.Services.GivesTokensToAnybody())
{
    v1.MapDevTokens();
}

if (app.Environment.IsDevelopment())
{
    app.UseDevelopmentPages(hasMapPage);
}

await app.RunAsync();
return 0;
