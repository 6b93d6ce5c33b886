// What the gateway is compared with, each as a process of its own: --baseline=kestrel | signalr | telemetry.
using NearbyFriends.Baselines;
using NearbyFriends.LoadGenerator;
using StackExchange.Redis;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSingleton(new LoadPopulation(
    builder.Configuration.GetValue("users", 1_000), Friends: 400, builder.Configuration.GetValue("nearby", 40)));
builder.Services.AddSingleton<KestrelFanout>();
if (builder.Configuration["redis"] is { } redis)
{
    builder.Services.AddSingleton<IConnectionMultiplexer>(await ConnectionMultiplexer.ConnectAsync(redis));
    builder.Services.AddSignalR().AddStackExchangeRedis(redis);
}

var app = builder.Build();
app.MapGet("/alive", () => "alive");
switch (builder.Configuration["baseline"])
{
    case "kestrel":
        app.UseWebSockets();
        app.MapGet("/ws", (HttpContext http, int user, KestrelFanout fanout) => fanout.ServeAsync(http, user));
        break;
    case "signalr":
        app.MapHub<FanoutHub>("/hub");
        break;
    default:
        app.MapPost("/v1/{signal}", async (HttpRequest request) => await request.Body.CopyToAsync(Stream.Null)); // a collector that keeps nothing
        break;
}

app.Run();
