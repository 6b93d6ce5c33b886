using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NearbyFriends.ServiceDefaults.Authentication;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace NearbyFriends.ServiceDefaults.Telemetry;

/// <summary>Logs, metrics and traces, sent by OTLP to wherever <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says; kept to itself where it says nothing.</summary>
internal static class TelemetryRegistration
{
    private const string Ours = "NearbyFriends.*";

    // 1 ms (a frame within one machine) to 60 s (a client's patience), two to three steps a decade.
    private static readonly double[] LatencySeconds =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10, 30, 60];

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<AuthOptions>().BindConfiguration(AuthOptions.Section);
        builder.Services.AddSingleton<UserIdHash>();

        // The framework's own attributes on requests; they name the path, never the query, which may hold a ticket.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);

        // "Request starting ..." has the query too.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);

        // A line for each request and each query would bury what a service has to say; traces have them.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);
        builder.Logging.AddFilter("StackExchange.Redis", LogLevel.Warning);
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = false; // a request's scope has its path, which may hold ids; the trace id is there without it
        });

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, builder.Environment))
            .WithMetrics(Measure)
            .WithTracing(Trace);
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
        }
    }

    // What the environment says (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) comes last and wins.
    private static void Describe(ResourceBuilder resource, IHostEnvironment environment) =>
        resource.AddService(environment.ApplicationName, serviceInstanceId: ServiceInstance.Name).AddEnvironmentVariableDetector();

    private static void Measure(MeterProviderBuilder metrics) => metrics
        .AddMeter(
            Ours,
            "System.Runtime",
            "System.Net.Http",
            "Microsoft.AspNetCore.Hosting",
            "Microsoft.AspNetCore.Server.Kestrel")
        .AddView(instrument => IsLatency(instrument) ? new ExplicitBucketHistogramConfiguration { Boundaries = LatencySeconds } : null);

    private static void Trace(TracerProviderBuilder tracing) => tracing
        .AddSource(Ours, "Microsoft.AspNetCore", "System.Net.Http")
        .AddProcessor(new PathsWithoutIds())
        .SetSampler(services =>
        {
            var options = services.GetRequiredService<IOptions<TelemetryOptions>>().Value;
            Sampler roots = new TraceIdRatioBasedSampler(options.SampleRatio);
            if (options.TracesPerSecond > 0)
            {
                roots = new RateLimitedSampler(roots, options.TracesPerSecond);
            }

            return new RootSampler(new ParentBasedSampler(roots));
        });

    private static bool IsLatency(Instrument instrument) =>
        instrument is Histogram<double> { Unit: "s" } && instrument.Name.StartsWith("nearbyfriends.", StringComparison.Ordinal);
}
