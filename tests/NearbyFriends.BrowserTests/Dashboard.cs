using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using NearbyFriends.TestServers;

namespace NearbyFriends.BrowserTests;

/// <summary>The real Aspire dashboard, where <c>./nearby</c> has installed it from npm.</summary>
internal sealed class Dashboard : IAsyncDisposable
{
    private static readonly string s_tool = Path.Combine(
        Repository.Root, ".nearby", "dashboard", "node_modules", "@microsoft",
        $"aspire-cli-linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}", "bin", "aspire");

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("nearbyfriends-dashboard-");
    private readonly HttpClient _http = new();
    private readonly Process _process;

    private Dashboard(Uri address, Uri telemetry)
    {
        (Address, Telemetry) = (address, telemetry);
        var start = new ProcessStartInfo(s_tool)
        {
            ArgumentList =
            {
                "dashboard", "run", "--frontend-url", Text(address), "--otlp-grpc-url", Text(telemetry), "--otlp-http-url", Text(Free()),
                "--allow-anonymous", "--non-interactive", "--nologo",
            },
            Environment = { ["HOME"] = _home.FullName, ["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "true", ["NO_COLOR"] = "1" },
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

    public static bool IsInstalled => File.Exists(s_tool);

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

    /// <summary>A trace whose update was received by one gateway and delivered by two; null as long as there is none.</summary>
    public async Task<string?> TraceAcrossGatewaysAsync()
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
            .FirstOrDefault(trace => trace.Any(span => span.Name == "receive location")
                && trace.Where(span => span.Name == "deliver to watchers").Select(span => span.Resource).Distinct().Count() > 1)
            ?.Key;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
        _home.Delete(recursive: true);
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

    private static Uri Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new($"http://{listener.LocalEndpoint}");
    }

    private static string Text(Uri address) => address.ToString().TrimEnd('/');
}
