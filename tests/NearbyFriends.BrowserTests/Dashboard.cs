using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using NearbyFriends.TestServers;

namespace NearbyFriends.BrowserTests;

/// <summary>The Aspire dashboard that the AppHost starts, alone.</summary>
internal sealed class Dashboard : IAsyncDisposable
{
    private static readonly string Program = Path.Combine(
        typeof(Dashboard).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(pair => pair.Key == "DashboardFolder").Value!, "Aspire.Dashboard");

    private readonly HttpClient _http = new();
    private readonly Process _process;

    private Dashboard(Uri address, Uri telemetry)
    {
        (Address, Telemetry) = (address, telemetry);
        var start = new ProcessStartInfo(Program)
        {
            Environment =
            {
                ["ASPNETCORE_URLS"] = Text(address),
                ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = Text(telemetry),
                ["ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS"] = "true",
                ["ASPIRE_DASHBOARD_API_ENABLED"] = "true",
            },
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What a browser opens.</summary>
    public Uri Address { get; }

    /// <summary>Where services send their telemetry: OTLP over gRPC.</summary>
    public Uri Telemetry { get; }

    public static async Task<Dashboard> StartAsync()
    {
        var dashboard = new Dashboard(Free(), Free());
        await Eventually.True(dashboard.AnswersAsync, "the dashboard answers", TimeSpan.FromMinutes(3));
        return dashboard;
    }

    /// <summary>A trace with all these spans, whose update was delivered by two gateways; null as long as there is none.</summary>
    public async Task<string?> TraceAcrossGatewaysAsync(IEnumerable<string> names)
    {
        using var document = JsonDocument.Parse(await _http.GetStringAsync(new Uri(Address, "api/telemetry/traces?limit=500")));
        return document.RootElement.GetProperty("data").GetProperty("resourceSpans").EnumerateArray()
            .SelectMany(resource => resource.GetProperty("scopeSpans").EnumerateArray()
                .SelectMany(scope => scope.GetProperty("spans").EnumerateArray())
                .Select(span => (
                    Trace: span.GetProperty("traceId").GetString()!,
                    Name: span.GetProperty("name").GetString(),
                    Resource: resource.GetProperty("resource").ToString())))
            .GroupBy(span => span.Trace)
            .FirstOrDefault(trace => names.All(name => trace.Any(span => span.Name == name))
                && trace.Where(span => span.Name == "deliver to watchers").Select(span => span.Resource).Distinct().Count() > 1)
            ?.Key;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await _http.GetAsync(Address);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static Uri Free() => new($"http://127.0.0.1:{FreePort.Choose()}");

    private static string Text(Uri address) => address.ToString().TrimEnd('/');
}
