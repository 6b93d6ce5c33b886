using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace NearbyFriends.AppHost;

/// <summary>
/// Stops the system in the order of dependence: what waits for others at the start stops before them. Aspire alone stops
/// everything at once, and a gateway whose Redis is gone can neither drain nor hand over its history.
/// </summary>
/// <remarks>If the AppHost is killed, nothing runs here; the orchestrator then stops everything at once.</remarks>
internal sealed partial class StopOrder(
    DistributedApplicationModel model, ResourceCommandService commands, ResourceNotificationService notifications, ILogger<StopOrder> logger) : IHostedService
{
    /// <summary>For one resource to stop; after that the orchestrator ends it by force.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private Task? _stopped;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Hosted services stop in the reverse order of their registration, and the orchestrator's was registered before. A test's host may be
    // Stopped twice; the second time there is no orchestrator that could answer.
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _stopped ??= StopAll(cancellationToken);
        }
    }

    private async Task StopAll(CancellationToken cancellationToken)
    {
        var left = model.Resources.Where(resource => resource is ProjectResource or ExecutableResource || resource.IsContainer()).ToHashSet();
        while (left.Count > 0)
        {
            var needed = left.SelectMany(StopsBefore).ToHashSet();
            var wave = left.Where(resource => !needed.Contains(resource)).ToArray();
            if (wave.Length == 0)
            {
                wave = [.. left]; // a circle: nobody can be first
            }

            await Task.WhenAll(wave.Select(resource => Stop(resource, cancellationToken)));
            left.ExceptWith(wave);
        }
    }

    private IEnumerable<IResource> StopsBefore(IResource resource) =>
        resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource)
            .Concat(resource.Annotations.OfType<StopsBeforeAnnotation>().Select(before => before.Resource))
            .SelectMany(Running);

    // A connection string runs nowhere: what it waits for does.
    private IEnumerable<IResource> Running(IResource resource) =>
        resource is ConnectionStringResource ? StopsBefore(resource) : resource is IResourceWithParent child ? Running(child.Parent) : [resource];

    private async Task Stop(IResource resource, CancellationToken cancel)
    {
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            deadline.CancelAfter(Patience);
            var result = await commands.ExecuteCommandAsync(resource, KnownResourceCommands.StopCommand, deadline.Token);
            if (result.Success)
            {
                await notifications.WaitForResourceAsync(resource.Name, KnownResourceStates.TerminalStates, deadline.Token);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or InvalidOperationException)
        {
            LogNotStopped(resource.Name, failure.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Resource} did not stop: {Reason}")]
    private partial void LogNotStopped(string resource, string reason);
}

/// <summary>This resource stops before <paramref name="Resource"/>, though it does not wait for it at the start.</summary>
internal sealed record StopsBeforeAnnotation(IResource Resource) : IResourceAnnotation;

internal static class StopOrderExtensions
{
    /// <summary>Stops services before the servers that they use.</summary>
    public static void StopInOrder(this IDistributedApplicationBuilder builder)
    {
        builder.Services.AddHostedService<StopOrder>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMinutes(3));
        builder.Configuration["DcpPublisher:WaitForResourceCleanup"] = "true"; // the AppHost ends last
        // A service that stops is unhealthy, which the dashboard shows; in the log it would look like a failure.
        builder.Services.AddLogging(logging => logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));
    }

    /// <summary>Has a resource stop before another one that reads what it leaves behind.</summary>
    public static IResourceBuilder<ProjectResource> StopsBefore(this IResourceBuilder<ProjectResource> resource, IResourceBuilder<ProjectResource> other) =>
        resource.WithAnnotation(new StopsBeforeAnnotation(other.Resource));
}
