using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Xunit;

// One system at a time is enough for a small machine.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
[assembly: AssemblyFixture(typeof(NearbyFriends.AppHostTests.RunningSystem))]

namespace NearbyFriends.AppHostTests;

/// <summary>
/// The whole system, without data that would outlive it. All tests that look at it share it: it starts when the first of them asks.
/// </summary>
public sealed class RunningSystem : IAsyncDisposable
{
    /// <summary>For everything to be up: images may have to be pulled.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("nearbyfriends-test-").FullName;

    private IDistributedApplicationTestingBuilder? _builder;
    private Task<DistributedApplication>? _starting;

    public async ValueTask DisposeAsync()
    {
        if (_starting is { IsCompletedSuccessfully: true })
        {
            await (await _starting).DisposeAsync();
        }

        if (_builder is not null)
        {
            await _builder.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The system, started but perhaps not healthy yet.</summary>
    public Task<DistributedApplication> Started() => _starting ??= Start();

    /// <summary>Waits for a resource to be healthy, or until it has failed.</summary>
    public async Task Healthy(string resource, CancellationToken cancel) => await (await Started()).ResourceNotifications
        .WaitForResourceHealthyAsync(resource, WaitBehavior.StopOnResourceUnavailable, cancel).WaitAsync(Deadline, cancel);

    /// <summary>What the AppHost reports to scripts once all of it is healthy.</summary>
    public async Task<Endpoints> Endpoints(CancellationToken cancel)
    {
        await Started();
        return await AppHostTests.Endpoints.ReadAsync(EndpointsPath, cancel).WaitAsync(Deadline, cancel);
    }

    private async Task<DistributedApplication> Start()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.NearbyFriends_AppHost>(
            ["--Volumes=false", "--Simulator=false", "--Dashboard=false", $"--EndpointsFile={EndpointsPath}"], deadline.Token);
        var application = await _builder.BuildAsync(deadline.Token);
        await application.StartAsync(deadline.Token);
        return application;
    }

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
