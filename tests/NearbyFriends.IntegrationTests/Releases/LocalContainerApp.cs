using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Releases;

/// <summary>
/// What Azure Container Apps does for the gateways, done on this machine: a revision is a set of real gateways behind a real HAProxy, its
/// traffic their weight there. It carries out the commands of az that deploy/azure/blue-green.sh sends by <c>local-az.sh</c>.
/// </summary>
internal sealed partial class LocalContainerApp : IAsyncDisposable
{
    private const int GatewaysOfARevision = 2;
    private const string App = "gateway";

    private readonly NearbySystem _system;
    private readonly HaProxyServer _balancer;
    private readonly WebApplication _az;
    private readonly DirectoryInfo _bin = Directory.CreateTempSubdirectory("nearbyfriends-az-");
    private readonly List<Revision> _revisions = [];
    private readonly List<Task> _stops = [];

    private LocalContainerApp(NearbySystem system, HaProxyServer balancer, WebApplication az) => (_system, _balancer, _az) = (system, balancer, az);

    /// <summary>What each revision got of the new connections, in percent, whenever that changed.</summary>
    public List<string> Traffic { get; } = [];

    /// <summary>Starts with the two gateways of a system as the first revision, <c>gateway--r1</c>, which has all traffic.</summary>
    public static async Task<LocalContainerApp> StartAsync(NearbySystem system, HaProxyServer balancer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = new LocalContainerApp(system, balancer, builder.Build());
        app._az.Urls.Add("http://127.0.0.1:0");
        app._az.MapPost("/", app.AnswerAsync);
        await app._az.StartAsync();
        File.CreateSymbolicLink(
            Path.Combine(app._bin.FullName, "az"), Path.Combine(Repository.Root, "tests", "NearbyFriends.IntegrationTests", "Releases", "local-az.sh"));
        var first = new Revision($"{App}--r1", Version: "1", Slot: 0) { IsActive = true, Gateways = [0, 1] };
        app._revisions.Add(first);
        await app.PutAsync(first);
        await app.WeighAsync([$"{first.Name}=100"]);
        return app;
    }

    /// <summary>Runs the script that a deployment is released with; what it wrote to its standard error is empty when it succeeded.</summary>
    public async Task<string> BlueGreenAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Repository.Root, "deploy", "azure", "blue-green.sh"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["PATH"] = $"{_bin.FullName}:{Environment.GetEnvironmentVariable("PATH")}", ["LOCAL_AZ"] = _az.Urls.Single(),
                ["RESOURCE_GROUP"] = "local", ["WATCH"] = "0", ["PAUSE"] = "0.2",
            },
        };
        using var script = Process.Start(start)!;
        var (said, errors) = (script.StandardOutput.ReadToEndAsync(), script.StandardError.ReadToEndAsync());
        await script.WaitForExitAsync(TestContext.Current.CancellationToken);
        await said;
        return script.ExitCode == 0 ? await errors : $"code {script.ExitCode}: {await errors}";
    }

    /// <summary>Sessions at the gateways of the revision that runs this version.</summary>
    public int SessionsOf(string version) => _revisions.Single(revision => revision.Version == version).Gateways
        .Sum(gateway => _system.GatewayServices[gateway].GetRequiredService<SessionRegistry>().Count);

    /// <summary>Ends when the gateways of all revisions that ended have drained.</summary>
    public Task DrainedAsync() => Task.WhenAll(_stops);

    public async ValueTask DisposeAsync()
    {
        await _az.DisposeAsync();
        await DrainedAsync();
        _bin.Delete(recursive: true);
    }

    private async Task<IResult> AnswerAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var words = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var command = string.Join(' ', words.TakeWhile(word => word[0] != '-'));
        switch (command)
        {
            case "containerapp revision list":
                return Results.Text(NameOf(Option("--query")));
            case "containerapp revision show":
                return Results.Text(await IsHealthyAsync(Find(Option("--revision"))) ? "Healthy" : "None");
            case "containerapp revision activate":
                await ActivateAsync(Find(Option("--revision")));
                return Results.Ok();
            case "containerapp revision deactivate":
                Deactivate(Find(Option("--revision")));
                return Results.Ok();
            case "containerapp update":
                var revision = new Revision($"{App}--{Option("--revision-suffix")}", Version: Option("--image").Split(':')[^1], Slot: _revisions.Count * GatewaysOfARevision);
                _revisions.Add(revision);
                await ActivateAsync(revision);
                return Results.Ok();
            case "containerapp ingress traffic set":
                await WeighAsync(words.Where(word => word.Contains("--", StringComparison.Ordinal) && word.Contains('=', StringComparison.Ordinal)));
                return Results.Ok();
            default:
                return Results.BadRequest($"There is no '{command}' here.");
        }

        string Option(string name) => words[Array.IndexOf(words, name) + 1];
    }

    /// <summary>The two questions of the script: who has the most traffic, and which other revision is the newest.</summary>
    private string NameOf(string query) =>
        Other().Match(query) is { Success: true } other ? _revisions.Last(revision => revision.Name != other.Groups["name"].Value).Name
        : _revisions.MaxBy(revision => revision.Weight)!.Name;

    private Revision Find(string name) => _revisions.Single(revision => revision.Name == name);

    private async Task<bool> IsHealthyAsync(Revision revision) =>
        revision.IsActive && await _balancer.IsUpAsync(revision.Slot) && await _balancer.IsUpAsync(revision.Slot + 1);

    private async Task ActivateAsync(Revision revision)
    {
        revision.Gateways = [];
        for (var i = 0; i < GatewaysOfARevision; i++)
        {
            revision.Gateways.Add(await _system.StartGatewayAsync(("Gateway:Version", revision.Version)));
        }

        revision.IsActive = true;
        await PutAsync(revision);
    }

    /// <summary>Has its gateways stop, which takes as long as they drain.</summary>
    private void Deactivate(Revision revision)
    {
        revision.IsActive = false;
        _stops.AddRange(revision.Gateways.Select(gateway => _system.StopGatewayAsync(gateway).AsTask()));
    }

    private async Task PutAsync(Revision revision)
    {
        foreach (var (index, gateway) in revision.Gateways.Index())
        {
            await _balancer.SetWeightAsync(revision.Slot + index, revision.Weight);
            await _balancer.PutAsync(revision.Slot + index, _system.Gateways[gateway]);
        }
    }

    private async Task WeighAsync(IEnumerable<string> weights)
    {
        var given = weights.Select(weight => weight.Split('=')).ToDictionary(weight => weight[0], weight => int.Parse(weight[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
        foreach (var revision in _revisions)
        {
            revision.Weight = given.GetValueOrDefault(revision.Name);
            for (var i = 0; i < GatewaysOfARevision; i++)
            {
                await _balancer.SetWeightAsync(revision.Slot + i, revision.Weight);
            }
        }

        Traffic.Add(string.Join(" ", _revisions.Where(revision => revision.Weight > 0).Select(revision => $"v{revision.Version} {revision.Weight}")));
    }

    private sealed record Revision(string Name, string Version, int Slot)
    {
        public bool IsActive { get; set; }

        public int Weight { get; set; }

        public List<int> Gateways { get; set; } = [];
    }

    [GeneratedRegex("name != '(?<name>[^']+)'", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Other();
}
