using System.Diagnostics;
using System.Reflection;
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
        if (!CanRun()) return;

        builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.NearbyFriends_AppHost>(
            ["--Volumes=false", "--Simulator=false", $"--EndpointsFile={EndpointsPath}"], deadline.Token);
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

    /// <summary>Skips the test where the system cannot run.</summary>
    public void Need()
    {
        if (application is null) Assert.Skip("No container runtime answers (docker or podman), and the system's servers run in containers.");
    }

    /// <summary>Waits for a resource to be healthy; until the deadline for all of them, or until it has failed.</summary>
    public Task Healthy(string resource) => Application.ResourceNotifications.WaitForResourceHealthyAsync(
        resource, WaitBehavior.StopOnResourceUnavailable, deadline.Token);

    /// <summary>What the AppHost tells scripts once all of it is healthy.</summary>
    public async Task<Endpoints> Endpoints(CancellationToken cancel)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!File.Exists(EndpointsPath))
        {
            await look.WaitForNextTickAsync(deadline.Token);
        }

        await using var file = File.OpenRead(EndpointsPath);
        return (await JsonSerializer.DeserializeAsync<Endpoints>(file, JsonSerializerOptions.Web, cancel))!;
    }

    string EndpointsPath => Path.Combine(folder, "endpoints.json");

    static bool CanRun() =>
        !typeof(RunningSystem).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Any(pair => pair.Key == "NeedsContainerRuntime")
        || Answers("docker")
        || Answers("podman");

    static bool Answers(string runtime)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(runtime, "info")
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return process.WaitForExit(TimeSpan.FromSeconds(20)) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>The endpoints file.</summary>
public sealed record Endpoints(string Api, string Gateway, IReadOnlyList<string> Gateways, string? Map, string? Dashboard);
