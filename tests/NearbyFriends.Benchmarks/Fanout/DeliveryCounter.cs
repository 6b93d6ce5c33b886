using System.Diagnostics.Metrics;

namespace NearbyFriends.Benchmarks.Fanout;

/// <summary>Listens to what a gateway measures, as telemetry would, and adds up the friend updates that went into outboxes.</summary>
internal sealed class DeliveryCounter : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _deliveries;

    public DeliveryCounter()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "NearbyFriends.Gateway")
            {
                listener.EnableMeasurementEvents(instrument, instrument.Name == "nearbyfriends.deliveries" ? instrument : null);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, counted) => _deliveries += counted is null ? 0 : value);
        _listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        _listener.Start();
    }

    public long Deliveries => _deliveries;

    public void Dispose() => _listener.Dispose();
}
