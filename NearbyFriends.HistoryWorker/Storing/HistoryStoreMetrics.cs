using System.Diagnostics.Metrics;

namespace NearbyFriends.HistoryWorker.Storing;

/// <summary>The metrics of storing: meter <c>NearbyFriends.HistoryWorker</c>.</summary>
public sealed class HistoryStoreMetrics
{
    public const string MeterName = "NearbyFriends.HistoryWorker";

    private readonly Counter<long> _stored;
    private readonly Counter<long> _leftOut;
    private readonly Histogram<long> _batchSize;
    private readonly Histogram<double> _storeDuration;

    public HistoryStoreMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _stored = meter.CreateCounter<long>("nearbyfriends.history.stored", "{row}", "Rows stored; its rate is rows per second.");
        _leftOut = meter.CreateCounter<long>("nearbyfriends.history.left_out", "{point}", "Points not stored on purpose, by reason: stored before, erased, expired.");
        _batchSize = meter.CreateHistogram<long>("nearbyfriends.history.batch_size", "{row}", "Points stored by one transaction.");
        _storeDuration = meter.CreateHistogram<double>("nearbyfriends.history.store.duration", "s", "Storing one batch, retries included.");
    }

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
}
