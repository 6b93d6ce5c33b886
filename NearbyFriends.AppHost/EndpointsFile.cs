using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace NearbyFriends.AppHost;

/// <summary>
/// Tells scripts where the system is: once every service is healthy and every address answers, writes them to the file named
/// by <c>EndpointsFile</c>, as <c>{"api","gateway","gateways":[...],"map","dashboard"}</c>: base URLs, null where absent,
/// <c>gateways</c> the replicas' own. A part that fails to start ends the run: a script that waits for the file would wait forever.
/// </summary>
internal sealed partial class EndpointsFile(
    string path,
    IConfiguration configuration,
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    ResourceLoggerService logs,
    IHostApplicationLifetime lifetime,
    ILogger<EndpointsFile> logger) : BackgroundService
{
    /// <summary>Of the map, beneath the Api's address: logged in as the demo's visitor, among friends.</summary>
    public const string DemoPath = "/?user=visitor";

    private const int LinesShown = 5;

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var services = model.Resources.OfType<ProjectResource>().Where(resource => resource.GetEndpoints().Any()).ToList();
            var healthy = Task.WhenAll(services.Select(service =>
                notifications.WaitForResourceHealthyAsync(service.Name, WaitBehavior.StopOnResourceUnavailable, stoppingToken)));
            // With a dashboard, a service waits on for a server that failed, so that somebody may start it there.
            await await Task.WhenAny(healthy, Failure(stoppingToken));

            var gateways = await ReplicasOf(services.Single(service => service.Name == "gateway"), stoppingToken);
            await Task.WhenAll(gateways.Select(url => Answer(url + "/health", stoppingToken)));
            var dashboard = model.Resources.Any(resource => resource.Name == "aspire-dashboard") ? configuration["ASPNETCORE_URLS"]?.Split(';')[0] : null;
            if (dashboard is not null)
            {
                await Answer(dashboard, stoppingToken);
            }

            var api = Address(services, "api");
            var map = await HasMap(api, stoppingToken) ? api : null;
            await Write(new Endpoints(api, Address(services, "gateway"), gateways, map, dashboard));
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before it was up.
        }
        catch (Exception failure)
        {
            LogFailed(failure.Message);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    /// <summary>Throws when a resource cannot start, with the last lines that it logged.</summary>
    private async Task Failure(CancellationToken cancel)
    {
        await foreach (var change in notifications.WatchAsync(cancel))
        {
            var state = change.Snapshot.State?.Text;
            if (state != KnownResourceStates.FailedToStart && state != KnownResourceStates.Exited && state != KnownResourceStates.RuntimeUnhealthy)
            {
                continue;
            }

            var said = new List<string>();
            await foreach (var lines in logs.GetAllAsync(change.ResourceId).WithCancellation(cancel))
            {
                said.AddRange(lines.Select(line => line.Content));
            }

            var advice = change.Resource.IsContainer() ? " Servers=Installed uses the programs of this machine instead of containers." : "";
            throw new DistributedApplicationException(
                $"{change.Resource.Name} is in the state {state}.{advice}{string.Concat(said.TakeLast(LinesShown).Select(line => "\n  " + line))}");
        }
    }

    private static string Address(List<ProjectResource> services, string name) =>
        services.Single(service => service.Name == name).GetEndpoint("http").Url;

    /// <summary>Every replica is told its own address by ASPNETCORE_URLS; nothing else in the model knows them one by one.</summary>
    private async Task<IReadOnlyList<string>> ReplicasOf(ProjectResource service, CancellationToken cancel)
    {
        var addresses = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await foreach (var change in notifications.WatchAsync(cancel))
        {
            if (change.Resource != service || change.Snapshot.State?.Text != KnownResourceStates.Running)
            {
                continue;
            }

            var urls = change.Snapshot.EnvironmentVariables.FirstOrDefault(variable => variable.Name == "ASPNETCORE_URLS")?.Value;
            if (urls is not null)
            {
                addresses[change.ResourceId] = urls.Split(';')[0];
            }

            if (addresses.Count == service.GetReplicaCount())
            {
                break;
            }
        }

        return [.. addresses.Values];
    }

    /// <summary>Without Node.js the Api was built without the page.</summary>
    private static async Task<bool> HasMap(string api, CancellationToken cancel)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(api + "/config.json"), cancel);
        return response.IsSuccessStatusCode;
    }

    private static async Task Answer(string url, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(TimeSpan.FromMinutes(1));
        using var client = new HttpClient();
        using var retry = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        do
        {
            try
            {
                using var response = await client.GetAsync(new Uri(url), deadline.Token);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            catch (OperationCanceledException late) when (!cancel.IsCancellationRequested)
            {
                throw new TimeoutException($"{url} did not answer within a minute.", late);
            }
        }
        while (await retry.WaitForNextTickAsync(cancel));
    }

    /// <summary>In one step, so that no reader sees half a file.</summary>
    private async Task Write(Endpoints endpoints)
    {
        var draft = path + ".new";
        await File.WriteAllTextAsync(draft, JsonSerializer.Serialize(endpoints, Indented) + "\n");
        File.Move(draft, path, overwrite: true);
        LogHealthy(path);
    }

    [LoggerMessage(LogLevel.Critical, "The system did not come up: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(LogLevel.Information, "Every service is healthy; the addresses are in {Path}.")]
    private partial void LogHealthy(string path);

    private sealed record Endpoints(string Api, string Gateway, IReadOnlyList<string> Gateways, string? Map, string? Dashboard);
}

internal static class EndpointsFileExtensions
{
    /// <summary>Writes the endpoints file if <c>EndpointsFile</c> names one.</summary>
    public static void AddEndpointsFile(this IDistributedApplicationBuilder builder)
    {
        if (builder.Configuration["EndpointsFile"] is not { Length: > 0 } path || builder.ExecutionContext.IsPublishMode)
        {
            return;
        }

        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<EndpointsFile>(services, Path.GetFullPath(path)));
    }
}
