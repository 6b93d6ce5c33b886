using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Standalone;

/// <summary>
/// Runs the model as processes of this machine: gives every endpoint its port, starts each resource once what it waits for is
/// healthy, watches them, and stops them in reverse order.
/// </summary>
sealed class Orchestrator(ApplicationBuilder builder, ResourceNotificationService notifications, ILogger<Orchestrator> log)
    : IHostedService, IAsyncDisposable
{
    readonly StateFolder state = StateFolder.Of(builder);
    readonly ProjectPlans projects = new(builder);
    readonly CancellationTokenSource stopping = new();
    readonly Dictionary<IResource, List<Instance>> instances = [];
    readonly List<Balancer> balancers = [];
    readonly List<Task> running = [];

    readonly Lock gate = new();

    Task? stop;
    Ledger? ledger;
    ChildProcess? dashboard;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Refuse();
        ledger = new Ledger(state.Processes);
        state.CreateScratch(ledger);
        var launcher = new Launcher(ledger);
        foreach (var resource in builder.Resources)
        {
            instances[resource] = Place(resource);
        }

        if (builder.Dashboard is { } server)
            dashboard = await launcher.Start("dashboard", server.Plan(Directory.CreateDirectory(state.Data("dashboard")).FullName));

        foreach (var resource in builder.Resources)
        {
            running.Add(Run(resource, launcher));
        }
    }

    /// <summary>Whoever asks a second time, as a test and the Program that it runs both do, waits for the same end.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (gate) return stop ??= StopAll();
    }

    async Task StopAll()
    {
        await stopping.CancelAsync();
        var stopped = new Dictionary<IResource, Task>();
        await Task.WhenAll(instances.Keys.Select(resource => Stop(resource, stopped)));
        if (dashboard is not null) await dashboard.Stop();
        await Task.WhenAll(running);
        foreach (var balancer in balancers)
        {
            await balancer.DisposeAsync();
        }

        notifications.Dispose();
        state.DeleteScratch();
        ledger?.Delete();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        stopping.Dispose();
    }

    /// <summary>Says at once what cannot run here, rather than when its turn comes.</summary>
    void Refuse()
    {
        var unknown = builder.Resources.OfType<ContainerResource>().FirstOrDefault(one => !one.Annotations.OfType<NativeServer>().Any());
        if (unknown?.Annotations.OfType<ContainerImage>().LastOrDefault() is { } image)
            throw new DistributedApplicationException(
                $"'{unknown.Name}': standalone mode knows no server of this machine that stands for the image {image.Registry}/{image.Image}.");
    }

    /// <summary>Gives every endpoint its ports: one a process, and with replicas one more, balanced, for all of them.</summary>
    List<Instance> Place(IResource resource)
    {
        var endpoints = resource.Annotations.OfType<Endpoint>().ToList();
        var count = resource.GetReplicaCount();
        var placed = Enumerable.Range(0, count).Select(number =>
        {
            var ports = endpoints.ToDictionary(one => one.Name, one => (count == 1 ? one.FixedPort : null) ?? Machine.FreePort());
            return new Instance(resource, number, ports, notifications, log);
        }).ToList();

        foreach (var endpoint in endpoints)
        {
            if (count == 1)
            {
                endpoint.Allocated = placed[0].Port(endpoint.Name);
                continue;
            }

            endpoint.Allocated = endpoint.FixedPort ?? Machine.FreePort();
            balancers.Add(new Balancer(resource.Name, endpoint.Allocated.Value, placed, endpoint.Name, log));
        }

        return placed;
    }

    async Task Run(IResource resource, Launcher launcher)
    {
        try
        {
            await Task.WhenAll(DependenciesOf(resource).Select(dependency => Healthy(resource, dependency)));
            Publish(resource, KnownResourceStates.Starting);
            await Task.WhenAll(instances[resource].Select(async instance =>
                await instance.Run(launcher, await Plan(resource, instance), stopping.Token)));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped before its turn came.
        }
        catch (Exception failure)
        {
            log.LogError("{Resource} cannot start: {Reason}", resource.Name, failure.Message);
            Publish(resource, KnownResourceStates.FailedToStart);
        }
    }

    static IEnumerable<IResource> DependenciesOf(IResource resource)
    {
        var awaited = resource.Annotations.OfType<WaitsFor>().Select(wait => wait.Dependency);
        return (resource is IResourceWithParent child ? awaited.Append(child.Parent) : awaited).Distinct();
    }

    async Task Healthy(IResource resource, IResource dependency)
    {
        Publish(resource, KnownResourceStates.Waiting);
        await Task.WhenAll(instances[dependency].Select(async instance =>
        {
            var change = await notifications.WaitForResourceAsync(
                dependency.Name,
                change => change.ResourceId == instance.Id
                    && (ResourceNotificationService.IsHealthy(change.Snapshot) || ResourceNotificationService.IsOver(change.Snapshot)),
                stopping.Token);
            if (!ResourceNotificationService.IsHealthy(change.Snapshot))
                throw new DistributedApplicationException($"it needs {instance.Id}, which is {change.Snapshot.State?.Text}.");
        }));
    }

    async Task<ProcessPlan?> Plan(IResource resource, Instance instance)
    {
        if (resource is ProjectResource project) return await projects.For(project, instance, stopping.Token);
        if (resource.Annotations.OfType<NativeServer>().LastOrDefault() is not { } server) return null;

        var kept = resource.Annotations.OfType<KeepsData>().LastOrDefault();
        var folder = kept is null ? state.Scratch(resource.Name) : state.Data(kept.Name);
        Directory.CreateDirectory(folder);
        var port = instance.Port(resource.Annotations.OfType<Endpoint>().First().Name);
        var arguments = await ModelValues.Arguments(resource, stopping.Token);
        return await server.Plan(new ServerSetup(resource, port, arguments, folder, kept is not null, stopping.Token));
    }

    /// <summary>Whatever needs it first, then itself.</summary>
    Task Stop(IResource resource, Dictionary<IResource, Task> stopped)
    {
        if (!stopped.TryGetValue(resource, out var stop))
        {
            var dependents = instances.Keys.Where(other => DependenciesOf(other).Contains(resource));
            stopped[resource] = stop = StopAfter(Task.WhenAll(dependents.Select(dependent => Stop(dependent, stopped))), instances[resource]);
        }

        return stop;
    }

    static async Task StopAfter(Task dependents, List<Instance> instances)
    {
        await dependents;
        await Task.WhenAll(instances.Select(instance => instance.Stop()));
    }

    void Publish(IResource resource, string state)
    {
        foreach (var instance in instances[resource])
        {
            notifications.Publish(resource, instance.Id, snapshot => snapshot with { State = state });
        }
    }
}
