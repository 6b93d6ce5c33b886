using System.Collections.Immutable;

namespace NearbyFriends.Fanout.Channels;

/// <summary>Where the frames of one slot travel.</summary>
/// <param name="PublishTo">Each frame is sent to all of these: the owner, and while a change of the ring is pending the next owner too.</param>
/// <param name="SubscribeAt">A watched channel is subscribed to at all of these; a frame that arrives twice is dropped by (user, time) or version.</param>
public sealed record Route(ImmutableArray<IChannelServer> PublishTo, ImmutableArray<IChannelServer> SubscribeAt)
{
    /// <summary>One server does it all.</summary>
    public static Route To(IChannelServer server) => new([server], [server]);
}

/// <summary>The routes of all slots at one time; a change of the ring puts another table in its place.</summary>
/// <remarks>
/// A table knows the sends that go by it, so that who replaces it can tell when the last has been handed over: from
/// then on everything published goes by the next table. A send costs two interlocked additions.
/// </remarks>
public sealed class RouteTable(ImmutableArray<Route> routes)
{
    private const int Retired = int.MinValue / 2;

    private int _sends;

    /// <summary>How many slots there are.</summary>
    public int SlotCount => routes.Length;

    /// <summary>The route of a slot, 0 to <see cref="SlotCount"/> - 1.</summary>
    public Route this[int slot] => routes[slot];

    /// <summary>A table in which every slot has the same route.</summary>
    public static RouteTable Of(Route route, int slotCount) => new([.. Enumerable.Repeat(route, slotCount)]);

    /// <summary>Begins a send by this table; false when another has replaced it. Each true is followed by <see cref="EndSend"/>.</summary>
    public bool TryBeginSend()
    {
        if (Interlocked.Increment(ref _sends) > 0)
        {
            return true;
        }

        Interlocked.Decrement(ref _sends);
        return false;
    }

    /// <summary>The frame has been handed to its servers' connections.</summary>
    public void EndSend() => Interlocked.Decrement(ref _sends);

    /// <summary>No send begins any more; when the task ends, all that had begun have ended. Called once, by who replaced it.</summary>
    public async Task RetireAsync()
    {
        Interlocked.Add(ref _sends, Retired);
        while (Volatile.Read(ref _sends) != Retired)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1)); // a send takes microseconds
        }
    }
}

/// <summary>Says where channels live: what publishers and subscribers ask, and all that they know of rings or clusters.</summary>
public interface IFanoutRoutes
{
    /// <summary>Which channels there are.</summary>
    ChannelScheme Scheme { get; }

    /// <summary>The routes now.</summary>
    RouteTable Current { get; }

    /// <summary>Tells that a frame or a subscription did not reach a server that was thought to be there.</summary>
    void ReportTrouble();
}
