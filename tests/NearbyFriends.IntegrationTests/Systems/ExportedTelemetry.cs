using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Trace;

namespace NearbyFriends.IntegrationTests.Systems;

/// <summary>Everything that services would export: spans and log records at the end of their pipelines, and what our instruments measure.</summary>
public sealed class ExportedTelemetry : IDisposable
{
    private readonly ConcurrentBag<string> _texts = [];
    private readonly MeterListener _meters = new();

    public ExportedTelemetry()
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("NearbyFriends.", StringComparison.Ordinal) || instrument.Meter.Name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Keep(instrument, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Keep(instrument, tags));
        _meters.Start();
    }

    /// <summary>Spans, log records and measurements, each with all it carries.</summary>
    public IReadOnlyCollection<string> Texts => _texts;

    /// <summary>Joins the pipelines of a service, behind everything that the service itself put there.</summary>
    public void Observe(IServiceCollection services)
    {
        services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(new Spans(_texts)));
        services.ConfigureOpenTelemetryLoggerProvider(logging => logging.AddProcessor(new Records(_texts)));
    }

    public void Dispose() => _meters.Dispose();

    private void Keep(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _texts.Add($"metric {instrument.Name} {string.Join(' ', tags.ToArray())}");

    private sealed class Spans(ConcurrentBag<string> texts) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => texts.Add(
            $"span {data.Source.Name} {data.DisplayName} {data.StatusDescription} {data.TraceStateString} {string.Join(' ', data.TagObjects)} "
            + $"{string.Join(' ', data.Baggage)} {string.Join(' ', data.Events.SelectMany(e => e.Tags.Select(tag => $"{e.Name} {tag}")))}");
    }

    private sealed class Records(ConcurrentBag<string> texts) : BaseProcessor<LogRecord>
    {
        public override void OnEnd(LogRecord data)
        {
            var scopes = new List<string>();
            data.ForEachScope(
                static (scope, kept) =>
                {
                    foreach (var item in scope)
                    {
                        kept.Add(item.ToString());
                    }
                },
                scopes);
            texts.Add($"log {data.LogLevel} {data.CategoryName} {data.FormattedMessage} {data.Body} {string.Join(' ', data.Attributes ?? [])} {data.Exception} {string.Join(' ', scopes)}");
        }
    }
}
