using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Xunit;

// One system at a time is enough for a small machine.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace NearbyFriends.AppHostTests;

/// <summary>The whole system, started once for the tests that look at it, without data that would outlive them.</summary>
public sealed class RunningSystem : IAsyncLifetime
{
    /// <summary>For everything to be up: images may have to be pulled.</summary>
    static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    readonly string folder = Directory.CreateTempSubdirectory("nearbyfriends-test-").FullName;

    readonly CancellationTokenSource deadline = new(Deadline);

    IDistributedApplicationTestingBuilder? builder;
    DistributedApplication? application;

    public DistributedApplication Application => application ?? throw new InvalidOperationException("The system was not started.");

    public async ValueTask InitializeAsync()
    {
        builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.NearbyFriends_AppHost>(
            ["--Volumes=false", "--Simulator=false", "--Dashboard=false", $"--EndpointsFile={EndpointsPath}"], deadline.Token);
        application = await builder.BuildAsync(deadline.Token);
        await application.StartAsync(deadline.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (application is not null) await application.DisposeAsync();
        if (builder is not null) await builder.DisposeAsync();
        deadline.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Waits for a resource to be healthy; until the deadline for all of them, or until it has failed.</summary>
    public Task Healthy(string resource) => Application.ResourceNotifications.WaitForResourceHealthyAsync(
        resource, WaitBehavior.StopOnResourceUnavailable, deadline.Token);

    /// <summary>What the AppHost tells scripts once all of it is healthy.</summary>
    public Task<Endpoints> Endpoints(CancellationToken cancel) => AppHostTests.Endpoints.ReadAsync(EndpointsPath, cancel);

    string EndpointsPath => Path.Combine(folder, "endpoints.json");
}

/// <summary>The endpoints file.</summary>
public sealed record Endpoints(string Api, string Gateway, IReadOnlyList<string> Gateways, string? Map, string? Dashboard)
{
    /// <summary>Waits until the file is there.</summary>
    public static async Task<Endpoints> ReadAsync(string path, CancellationToken cancel)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!File.Exists(path))
        {
            await look.WaitForNextTickAsync(cancel);
        }

        await using var file = File.OpenRead(path);
        return (await JsonSerializer.DeserializeAsync<Endpoints>(file, JsonSerializerOptions.Web, cancel))!;
    }

    public IEnumerable<string> All => [Api, Gateway, .. Gateways];
}
