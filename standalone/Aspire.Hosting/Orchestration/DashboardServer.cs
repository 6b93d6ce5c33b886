using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Standalone;

/// <summary>
/// The real Aspire dashboard, from its command line tool at <c>Standalone:Dashboard</c>: traces, metrics and logs of the
/// services. It shows no resources, for those it asks the real AppHost. Open to whoever is on this machine.
/// </summary>
sealed class DashboardServer
{
    readonly string tool;
    readonly int frontend = Machine.FreePort();
    readonly int grpc = Machine.FreePort();
    readonly int http = Machine.FreePort();

    DashboardServer(string tool) => this.tool = tool;

    public string FrontendUrl => Url(frontend);

    public static DashboardServer? From(IConfiguration configuration) =>
        configuration["Standalone:Dashboard"] is { Length: > 0 } tool ? new DashboardServer(tool) : null;

    /// <summary>What it unpacks goes into <paramref name="home"/>, not into the user's.</summary>
    public ProcessPlan Plan(string home) => new(tool,
    [
        "dashboard", "run", "--frontend-url", FrontendUrl, "--otlp-grpc-url", Url(grpc), "--otlp-http-url", Url(http),
        "--allow-anonymous", "--non-interactive", "--nologo",
    ])
    {
        Environment = new Dictionary<string, string>
        {
            ["HOME"] = home,
            ["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "true",
            ["NO_COLOR"] = "1",
        },
        // It has a child of its own, which it ends if asked to.
        IfOrphaned = Signal.Terminate,
    };

    /// <summary>Tells a service where to send its telemetry, under which name, and soon enough to be watched live.</summary>
    public void Announce(Dictionary<string, string> environment, string name, int instance, string hostEnvironment)
    {
        environment.TryAdd("OTEL_EXPORTER_OTLP_ENDPOINT", Url(grpc));
        environment.TryAdd("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
        environment.TryAdd("OTEL_SERVICE_NAME", name);
        environment.TryAdd("OTEL_RESOURCE_ATTRIBUTES", string.Create(CultureInfo.InvariantCulture, $"service.instance.id={instance}"));
        if (hostEnvironment != "Development") return;

        environment.TryAdd("OTEL_BLRP_SCHEDULE_DELAY", "1000");
        environment.TryAdd("OTEL_BSP_SCHEDULE_DELAY", "1000");
        environment.TryAdd("OTEL_METRIC_EXPORT_INTERVAL", "1000");
        environment.TryAdd("OTEL_TRACES_SAMPLER", "always_on");
        environment.TryAdd("OTEL_METRICS_EXEMPLAR_FILTER", "trace_based");
    }

    static string Url(int port) => $"http://localhost:{port.ToString(CultureInfo.InvariantCulture)}";
}
