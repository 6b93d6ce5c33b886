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
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("nearbyfriends-test-").FullName;

    private readonly CancellationTokenSource _deadline = new(Deadline);

    private IDistributedApplicationTestingBuilder? _builder;
    private DistributedApplication? _application;

    public DistributedApplication Application => _application ?? throw new InvalidOperationException("The system was not started.");

    public async ValueTask InitializeAsync()
    {
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.NearbyFriends_AppHost>(
            ["--Volumes=false", "--Simulator=false", "--Dashboard=false", $"--EndpointsFile={EndpointsPath}"], _deadline.Token);
        _application = await _builder.BuildAsync(_deadline.Token);
        await _application.StartAsync(_deadline.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null) await _application.DisposeAsync();
        if (_builder is not null) await _builder.DisposeAsync();
        _deadline.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Waits for a resource to be healthy; until the deadline for all of them, or until it has failed.</summary>
    public Task Healthy(string resource) => Application.ResourceNotifications.WaitForResourceHealthyAsync(
        resource, WaitBehavior.StopOnResourceUnavailable, _deadline.Token);

    /// <summary>What the AppHost reports to scripts once all of it is healthy.</summary>
    public Task<Endpoints> Endpoints(CancellationToken cancel) => AppHostTests.Endpoints.ReadAsync(EndpointsPath, cancel);

    private string EndpointsPath => Path.Combine(_folder, "endpoints.json");
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
