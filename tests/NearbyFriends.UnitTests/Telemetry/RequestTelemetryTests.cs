using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace NearbyFriends.UnitTests.Telemetry;

public class RequestTelemetryTests
{
    [Fact]
    public async Task A_request_is_traced_and_logged_without_its_query()
    {
        var (traces, log) = (new Traces(), new LogLines());
        await using (var service = await StartAsync(traces, log))
        {
            await CallAsync(service, "/traced?ticket=secret");
        }

        var request = Assert.Single(traces.Ended, IsServing("/traced"));
        Assert.Equal("/traced", request.GetTagItem("url.path"));
        Assert.DoesNotContain(traces.Ended.SelectMany(activity => activity.TagObjects), Has("secret"));
        Assert.DoesNotContain(log.Lines, line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Questions_about_health_are_not_traced()
    {
        var traces = new Traces();
        await using (var service = await StartAsync(traces, new LogLines()))
        {
            await CallAsync(service, "/health");
            await CallAsync(service, "/alive");
            await CallAsync(service, "/asked-for");
        }

        Assert.Contains(traces.Ended, activity => IsServing("/asked-for")(activity));
        Assert.DoesNotContain(traces.Ended, activity => IsServing("/health")(activity) || IsServing("/alive")(activity));
    }

    [Fact]
    public async Task Latencies_are_counted_from_a_millisecond_to_a_minute()
    {
        var metrics = new List<Metric>();
        using var meter = new Meter("NearbyFriends.Test");
        await using (var service = await TestService.StartAsync(build: builder => builder.Services.ConfigureOpenTelemetryMeterProvider(
            provider => provider.AddReader(new BaseExportingMetricReader(new MetricList(metrics))))))
        {
            meter.CreateHistogram<double>("nearbyfriends.test.latency", "s").Record(0.003);
            Assert.True(service.Services.GetRequiredService<MeterProvider>().ForceFlush());
        }

        var bounds = new List<double>();
        foreach (ref readonly var point in metrics.First(metric => metric.Name == "nearbyfriends.test.latency").GetMetricPoints())
        {
            foreach (var bucket in point.GetHistogramBuckets())
            {
                bounds.Add(bucket.ExplicitBound);
            }
        }

        Assert.Equal(0.001, bounds[0]);
        Assert.Equal(60, bounds[^2]);
    }

    [Theory]
    [InlineData("Telemetry:SampleRatio", "1.5")]
    [InlineData("Telemetry:SampleRatio", "-0.1")]
    [InlineData("Telemetry:TracesPerSecond", "-1")]
    [InlineData("Telemetry:HashKey", "short")]
    public async Task A_wrong_setting_stops_the_service_with_its_name(string setting, string value)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => TestService.StartAsync(new() { [setting] = value }));

        Assert.Contains(setting, failure.Message, StringComparison.Ordinal);
    }

    // As from another process: here the call itself would be traced too, and decide about the request.
    private static async Task CallAsync(TestService service, string path)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        await service.Client.GetStringAsync(path, TestContext.Current.CancellationToken);
    }

    private static Task<TestService> StartAsync(Traces traces, LogLines log) => TestService.StartAsync(
        new() { ["Telemetry:TracesPerSecond"] = "0" }, // requests of other tests count too: the sources are the process's
        build: builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Information).AddProvider(log);
            builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(traces));
        },
        map: app => app.MapGet("/{path}", () => ""));

    private static Predicate<Activity> IsServing(string path) =>
        activity => activity.Kind == ActivityKind.Server && path.Equals(activity.GetTagItem("url.path"));

    private static Predicate<KeyValuePair<string, object?>> Has(string text) =>
        tag => tag.Value?.ToString()?.Contains(text, StringComparison.Ordinal) == true;

    // Sees the activities of every service of this process, also those of other tests.
    private sealed class Traces : BaseProcessor<Activity>
    {
        public ConcurrentQueue<Activity> Ended { get; } = new();

        public override void OnEnd(Activity data) => Ended.Enqueue(data);
    }

    private sealed class MetricList(List<Metric> metrics) : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                metrics.Add(metric);
            }

            return ExportResult.Success;
        }
    }

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
