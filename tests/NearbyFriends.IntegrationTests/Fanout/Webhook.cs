using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace NearbyFriends.IntegrationTests.Fanout;

/// <summary>An address that alerts are posted to. The first is refused: alerts are tried again.</summary>
public sealed class Webhook : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _calls;

    private Webhook(WebApplication app) => _app = app;

    /// <summary>What was posted and taken.</summary>
    public ConcurrentBag<string> Bodies { get; } = [];

    public string Url => _app.Urls.First() + "/alerts";

    public static async Task<Webhook> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var hook = new Webhook(app);
        app.MapPost("/alerts", hook.TakeAsync);
        await app.StartAsync();
        return hook;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        if (Interlocked.Increment(ref _calls) == 1)
        {
            return Results.StatusCode(503);
        }

        using var reader = new StreamReader(request.Body);
        Bodies.Add(await reader.ReadToEndAsync());
        return Results.Ok();
    }
}
