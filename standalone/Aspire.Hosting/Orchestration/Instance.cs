using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Standalone;

/// <summary>How one instance of a resource is found healthy: returns if it is, throws what is wrong if not.</summary>
sealed record InstanceCheck(Func<Instance, CancellationToken, Task> Check) : IResourceAnnotation;

/// <summary>One instance of a resource: a process, or something within another's, such as a database in its server.</summary>
sealed class Instance(
    IResource resource, int number, IReadOnlyDictionary<string, int> ports, ResourceNotificationService notifications, ILogger log)
{
    static readonly TimeSpan CheckWhileStarting = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan CheckWhileRunning = TimeSpan.FromSeconds(2);
    static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(5);

    /// <summary>After this long a resource that is not healthy says why; before, it is merely starting.</summary>
    static readonly TimeSpan SlowStart = TimeSpan.FromSeconds(15);

    readonly string id = resource.GetReplicaCount() == 1 ? resource.Name : $"{resource.Name}-{number}";

    ChildProcess? process;

    public IResource Resource => resource;

    public int Number => number;

    /// <summary>The resource's name or, with replicas, that and this one's number.</summary>
    public string Id => id;

    public bool IsHealthy { get; private set; }

    public bool IsRunning => process is { HasExited: false };

    /// <summary>Where this instance itself listens.</summary>
    public int Port(string endpoint) => ports.TryGetValue(endpoint, out var port)
        ? port
        : throw new DistributedApplicationException($"'{resource.Name}' has no endpoint '{endpoint}'.");

    public async Task Run(Launcher launcher, ProcessPlan? plan, CancellationToken stopping)
    {
        stopping.ThrowIfCancellationRequested();
        if (plan is not null) process = await launcher.Start(id, plan);
        // Stop may have come while the process was on its way, and found none.
        if (stopping.IsCancellationRequested) await Stop();

        notifications.Publish(resource, id, snapshot => snapshot with
        {
            State = KnownResourceStates.Running,
            HealthStatus = HealthStatus.Unhealthy,
            EnvironmentVariables = [.. (plan?.Environment ?? ImmutableDictionary<string, string>.Empty)
                .Select(pair => new EnvironmentVariableSnapshot(pair.Key, pair.Value, IsFromSpec: true))],
        });

        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var watching = Watch(over.Token);
        if (process is not null)
        {
            await WatchExit(process, stopping);
            await over.CancelAsync();
        }

        await watching;
    }

    public async Task Stop()
    {
        notifications.Publish(resource, id, snapshot => snapshot.State?.Text == KnownResourceStates.Running
            ? snapshot with { State = KnownResourceStates.Stopping, HealthStatus = null }
            : snapshot);
        if (process is not null) await process.Stop();
    }

    async Task WatchExit(ChildProcess child, CancellationToken stopping)
    {
        var code = await child.Exit(CancellationToken.None);
        IsHealthy = false;
        notifications.Publish(resource, id, snapshot => snapshot with
        {
            State = code == 0 ? KnownResourceStates.Finished : KnownResourceStates.Exited,
            ExitCode = code,
            HealthStatus = null,
        });

        if (stopping.IsCancellationRequested) return;
        if (code == 0)
            log.LogInformation("{Instance} has finished.", id);
        else
            log.LogError("{Instance} has exited with code {Code}. It is not restarted; what depends on it goes on.", id, Explain(code));
    }

    /// <summary>Checks until it is over; who has no check is healthy while it runs.</summary>
    async Task Watch(CancellationToken over)
    {
        var checks = resource.Annotations.OfType<InstanceCheck>().ToList();
        var started = TimeProvider.System.GetTimestamp();
        var explained = false;
        while (!over.IsCancellationRequested)
        {
            var problem = await Problem(checks, over);
            if (over.IsCancellationRequested) return;

            var was = IsHealthy;
            IsHealthy = problem is null;
            notifications.Publish(resource, id, snapshot => snapshot.State?.Text == KnownResourceStates.Running
                ? snapshot with { HealthStatus = problem is null ? HealthStatus.Healthy : HealthStatus.Unhealthy }
                : snapshot);

            if (problem is null)
            {
                if (!was && checks.Count > 0) log.LogInformation("{Instance} is healthy.", id);
                explained = true;
            }
            else if (was || (!explained && TimeProvider.System.GetElapsedTime(started) > SlowStart))
            {
                log.LogWarning("{Instance} is not healthy: {Problem}", id, problem);
                explained = true;
            }

            var pause = IsHealthy || explained ? CheckWhileRunning : CheckWhileStarting;
            await Task.Delay(pause, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task<string?> Problem(List<InstanceCheck> checks, CancellationToken over)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(over);
        timeout.CancelAfter(CheckTimeout);
        try
        {
            foreach (var check in checks)
            {
                await check.Check(this, timeout.Token);
            }

            return null;
        }
        catch (OperationCanceledException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"no answer within {CheckTimeout.TotalSeconds} s");
        }
        catch (Exception failure)
        {
            return failure.Message;
        }
    }

    static string Explain(int code) => code > 128 ? $"{code} (signal {code - 128})" : code.ToString(CultureInfo.InvariantCulture);
}
