using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The last snapshot of every instance of every resource, and a stream of the changes for whoever waits for one.</summary>
public class ResourceNotificationService : IDisposable
{
    readonly Lock gate = new();
    readonly Dictionary<string, ResourceEvent> latest = new(StringComparer.Ordinal);
    readonly List<Channel<ResourceEvent>> watchers = [];

    internal ResourceNotificationService()
    {
    }

    /// <summary>What is now, then every change.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>();
        lock (gate)
        {
            foreach (var known in latest.Values)
            {
                channel.Writer.TryWrite(known);
            }

            watchers.Add(channel);
        }

        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return change;
            }
        }
        finally
        {
            lock (gate) watchers.Remove(channel);
        }
    }

    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        await foreach (var change in WatchAsync(cancellationToken))
        {
            if (change.Resource.Name == resourceName && predicate(change)) return change;
        }

        throw new OperationCanceledException($"The system stopped before '{resourceName}' became what was waited for.");
    }

    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, change => change.Snapshot.State?.Text == (targetState ?? KnownResourceStates.Running), cancellationToken);

    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, WaitBehavior.WaitOnResourceUnavailable, cancellationToken);

    /// <summary>Waits for an instance of the resource to be healthy.</summary>
    /// <exception cref="DistributedApplicationException">It failed or exited, and <paramref name="waitBehavior"/> says not to wait on.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var stops = waitBehavior == WaitBehavior.StopOnResourceUnavailable;
        var change = await WaitForResourceAsync(
            resourceName, change => IsHealthy(change.Snapshot) || (stops && IsOver(change.Snapshot)), cancellationToken);

        return IsHealthy(change.Snapshot)
            ? change
            : throw new DistributedApplicationException(
                $"'{resourceName}' is {change.Snapshot.State?.Text}{(change.Snapshot.ExitCode is { } code ? $" with exit code {code}" : "")}.");
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var watcher in watchers)
            {
                watcher.Writer.TryComplete();
            }
        }

        GC.SuppressFinalize(this);
    }

    internal static bool IsHealthy(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text == KnownResourceStates.Running && snapshot.HealthStatus == HealthStatus.Healthy;

    internal static bool IsOver(CustomResourceSnapshot snapshot) =>
        snapshot.State is { Text: var state } && KnownResourceStates.TerminalStates.Contains(state);

    internal void Publish(IResource resource, string id, Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        lock (gate)
        {
            var before = latest.GetValueOrDefault(id)?.Snapshot ?? new() { ResourceType = resource.GetType().Name };
            var after = change(before);
            if (after == before) return;

            latest[id] = new(resource, id, after);
            foreach (var watcher in watchers)
            {
                watcher.Writer.TryWrite(latest[id]);
            }
        }
    }
}
