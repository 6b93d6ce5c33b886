using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NearbyFriends.ServiceDefaults;

namespace NearbyFriends.UnitTests;

/// <summary>A service with the system's defaults, listening on a port of its own.</summary>
internal sealed class TestService : IAsyncDisposable
{
    public const string SigningKey = "a key for tests, longer than thirty-two bytes";

    private readonly WebApplication _app;

    private TestService(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts it with these settings; <paramref name="build"/> and <paramref name="map"/> add what the test needs.</summary>
    public static async Task<TestService> StartAsync(
        Dictionary<string, string?>? settings = null,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        build?.Invoke(builder);
        builder.AddServiceDefaults();

        var app = builder.Build();
        map?.Invoke(app);
        app.MapDefaultEndpoints();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app);
    }

    /// <summary>A clock that stands still at <paramref name="time"/>.</summary>
    public static TimeProvider Clock(DateTimeOffset time) => new StoppedClock(time);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None); // requests come to their end, and with them their spans
        await _app.DisposeAsync();
    }

    private sealed class StoppedClock(DateTimeOffset time) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => time;
    }
}
