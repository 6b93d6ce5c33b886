using System.Diagnostics.Metrics;

namespace NearbyFriends.Benchmarks.Messages;

/// <summary>Adds up what the gateways of this process count: their own metrics, as they export them.</summary>
internal sealed class MessageMeter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _totals = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public MessageMeter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is Counter<long> && instrument.Name.StartsWith("nearbyfriends.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (_gate)
            {
                _totals[instrument.Name] = _totals.GetValueOrDefault(instrument.Name) + value;
            }
        });
        _listener.Start();
    }

    /// <summary>All counters by name, so far.</summary>
    public IReadOnlyDictionary<string, long> Totals()
    {
        lock (_gate)
        {
            return new Dictionary<string, long>(_totals, StringComparer.Ordinal);
        }
    }

    public void Dispose() => _listener.Dispose();
}
