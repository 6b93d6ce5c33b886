namespace NearbyFriends.CapacityPlan;

/// <summary>Messages a second, in the whole fleet.</summary>
/// <param name="Updates">Locations from clients.</param>
/// <param name="Frames">Frames that gateways publish.</param>
/// <param name="FrameDeliveries">Frames that pub/sub servers push to gateways.</param>
/// <param name="EntryDeliveries">Entries of those frames.</param>
/// <param name="FriendUpdates">Entries that go to a watcher: "14 million a second".</param>
/// <param name="Messages">Messages to clients.</param>
/// <param name="MessageEntries">Friends in those messages.</param>
public sealed record Traffic(
    double Updates, double Frames, double FrameDeliveries, double EntryDeliveries, double FriendUpdates, double Messages, double MessageEntries)
{
    /// <summary>Entries in a frame, on average.</summary>
    public double EntriesPerFrame => EntryDeliveries / FrameDeliveries;

    /// <summary>
    /// The arithmetic, for users who move once an interval, independently of each other: what falls into one window of a
    /// gateway's partition is a Poisson number.
    /// </summary>
    /// <param name="demand">What the fleet carries.</param>
    /// <param name="gateways">Of the fleet.</param>
    /// <param name="cells">Over which users and gateways are divided evenly.</param>
    public static Traffic Of(Demand demand, double gateways, int cells)
    {
        const int MaxEntries = 64;
        var border = cells > 1 ? 1 + demand.Border : 1;
        var gatewaysPerCell = gateways / cells;
        var published = demand.UpdatesPerSecond * border;

        // A frame leaves each window in which a gateway has an entry for a partition, and whenever it is full.
        var buckets = gateways * demand.Partitions / demand.Window.TotalSeconds; // a second
        var entries = published / buckets;
        var frames = Math.Max(buckets * (1 - Math.Exp(-entries)), published / MaxEntries);

        // A session hears of its friends' moves and of its own, each once an interval. A message leaves a flush after the
        // last one, or, if nothing happened in that time, with the first move after it: of n that come at random moments
        // of the rest of the interval, the first comes after one (n + 1)th of it.
        var friendUpdates = demand.UpdatesPerSecond * demand.ActiveFriends;
        var (interval, flush) = (demand.Interval.TotalSeconds, Math.Min(demand.Flush.TotalSeconds, demand.Interval.TotalSeconds));
        var moves = demand.ActiveFriends + 1;
        var between = flush + (Math.Pow(1 - (flush / interval), moves) * (interval - flush) / (moves + 1));
        var messages = demand.Connected / between;

        // A friend is in a message unless neither the friend nor the watcher moved since the last one.
        var still = 1 - Math.Min(1, between / interval);
        var perMessage = demand.ActiveFriends * (1 - (still * still));
        return new(
            demand.UpdatesPerSecond, frames, frames * gatewaysPerCell, published * gatewaysPerCell, friendUpdates, messages, messages * perMessage);
    }
}
