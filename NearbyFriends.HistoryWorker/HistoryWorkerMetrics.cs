using System.Diagnostics.Metrics;
using NearbyFriends.History;

namespace NearbyFriends.HistoryWorker;

/// <summary>What the worker measures: meter <c>NearbyFriends.HistoryWorker</c>.</summary>
public sealed class HistoryWorkerMetrics
{
    private readonly Counter<long> _stored;
    private readonly Counter<long> _leftOut;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _retries;
    private readonly Histogram<long> _batchSize;
    private readonly Histogram<double> _storeDuration;

    public HistoryWorkerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("NearbyFriends.HistoryWorker");
        _stored = meter.CreateCounter<long>("nearbyfriends.history.stored", "{row}", "Rows stored; its rate is rows per second.");
        _leftOut = meter.CreateCounter<long>("nearbyfriends.history.left_out", "{point}", "Points not stored on purpose, by reason: stored before, erased, expired.");
        _deadLetters = meter.CreateCounter<long>("nearbyfriends.history.dead_letters", "{entry}", "Entries that cannot be stored.");
        _retries = meter.CreateCounter<long>("nearbyfriends.history.retries", "{attempt}", "Attempts to store a batch that failed, by reason.");
        _batchSize = meter.CreateHistogram<long>("nearbyfriends.history.batch_size", "{row}", "Points stored by one transaction.");
        _storeDuration = meter.CreateHistogram<double>("nearbyfriends.history.store.duration", "s", "Storing one batch, retries included.");
        meter.CreateObservableGauge("nearbyfriends.history.lag", () => Lag.Entries, "{entry}", "Entries of this instance's streams that are not yet stored.");
        meter.CreateObservableGauge("nearbyfriends.history.lag.age", () => Lag.Age.TotalSeconds, "s", "For how long the oldest of them has been waiting.");
        meter.CreateObservableGauge("nearbyfriends.history.streams", () => Streams, "{stream}", "Streams that this instance reads.");
    }

    /// <summary>As of the last renewal of the leases.</summary>
    public HistoryLag Lag { get; set; }

    /// <summary>How many streams this instance reads.</summary>
    public int Streams { get; set; }

    public void Stored(int points, int rows, TimeSpan took)
    {
        _stored.Add(rows);
        _batchSize.Record(points);
        _storeDuration.Record(took.TotalSeconds);
        LeftOut(points - rows, "stored before");
    }

    public void LeftOut(int points, string reason)
    {
        if (points > 0)
        {
            _leftOut.Add(points, new KeyValuePair<string, object?>("reason", reason));
        }
    }

    public void DeadLetters(int entries)
    {
        if (entries > 0)
        {
            _deadLetters.Add(entries);
        }
    }

    public void Retry(string reason) => _retries.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
