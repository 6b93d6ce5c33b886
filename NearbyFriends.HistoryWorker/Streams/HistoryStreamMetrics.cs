using System.Diagnostics.Metrics;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Storing;

namespace NearbyFriends.HistoryWorker.Streams;

/// <summary>The metrics of reading the streams, on the meter of <see cref="HistoryStoreMetrics"/>.</summary>
public sealed class HistoryStreamMetrics
{
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _retries;

    public HistoryStreamMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(HistoryStoreMetrics.MeterName);
        _deadLetters = meter.CreateCounter<long>("nearbyfriends.history.dead_letters", "{entry}", "Entries that cannot be stored.");
        _retries = meter.CreateCounter<long>("nearbyfriends.history.retries", "{attempt}", "Attempts to store a batch that failed, by reason.");
        meter.CreateObservableGauge("nearbyfriends.history.lag", () => Lag.Entries, "{entry}", "Entries of this instance's streams that are not yet stored.");
        meter.CreateObservableGauge("nearbyfriends.history.lag.age", () => Lag.Age.TotalSeconds, "s", "For how long the oldest of them has been waiting.");
        meter.CreateObservableGauge("nearbyfriends.history.streams", () => Streams, "{stream}", "Streams that this instance reads.");
    }

    /// <summary>As of the last renewal of the leases.</summary>
    public HistoryLag Lag { get; set; }

    /// <summary>How many streams this instance reads.</summary>
    public int Streams { get; set; }

    public void DeadLetters(int entries)
    {
        if (entries > 0)
        {
            _deadLetters.Add(entries);
        }
    }

    public void Retry(string reason) => _retries.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
