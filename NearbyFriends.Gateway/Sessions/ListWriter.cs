using System.Runtime.InteropServices;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Watching;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// Writes what a client is told of its list: pages, and who moved or left since. Remembers which updates it told, so that none
/// is told twice. Not thread-safe: the session holds its lock.
/// </summary>
internal sealed class ListWriter(NearbyList list, SessionFriends friends, MessageFormat format, SessionContext context)
{
    /// <summary>Milliseconds that an update may have been under way when the flush before was taken.</summary>
    private const int UnderWay = 1_000;

    [ThreadStatic]
    private static Scratch? _scratch;

    private Dictionary<int, long>? _removed;
    private Dictionary<int, long>? _toldTimes; // since distances were last told: few, of whom the user is near
    private long _toldAt; // the list, or the last flush of it: Unix milliseconds

    /// <summary>A page of a snapshot: current values of those who are still inside.</summary>
    public MessageBuffer Page(PageSnapshot snapshot, int offset, string? reference)
    {
        var size = context.Options.PageSize;
        var now = context.Now;
        var entries = new List<FriendEntry>(size);
        foreach (var friend in snapshot.Order.AsSpan(offset, Math.Min(size, snapshot.Order.Length - offset)))
        {
            if (!list.IsInside(friend) || friends.LocationOf(friend) is not { } location
                || friends.SeenBy(friend, location.Read(), now) is var state && !context.Presence.IsPresent(state, now))
            {
                continue;
            }

            entries.Add(Entry(location, state, withName: true) with { DisplayName = location.DisplayName ?? "" });
            if (location.DisplayName is not null)
            {
                list.SetNamed(friend);
            }
        }

        var next = offset + size;
        var cursor = next < snapshot.Order.Length ? new PageCursor(snapshot.List, next).ToString() : null;
        return format.Nearby(snapshot.List, (offset / size) + 1, CollectionsMarshal.AsSpan(entries), list.Total, cursor, reference);
    }

    /// <summary>The first page of a list of nobody.</summary>
    public MessageBuffer EmptyPage(string? reference) => format.Nearby(list.Number, 1, [], 0, null, reference);

    /// <summary>The changes that the client was not told, as one message; null when there are none after all.</summary>
    public MessageBuffer? Changes()
    {
        var scratch = _scratch ??= new();
        ReadWaiting(scratch.States);
        var newSince = (_toldAt - UnderWay) * 1_000;
        _toldAt = context.Now;
        var message = format.BeginFriends(list.Number, list.Total);
        var (moved, next) = (0, 0);
        foreach (var friend in list.TakeWaiting())
        {
            var state = scratch.States[next++];
            var location = friends.LocationOf(friend);
            switch (list.Tell(friend))
            {
                case ListChange.Moved when !state.HasLocation:
                    break; // hid meanwhile; that this friend left is told next
                case ListChange.Moved:
                    var isNew = !list.IsNamed(friend);
                    if (!IsNews(friend, state.Location.Time) && !isNew)
                    {
                        break;
                    }

                    format.Moved(message, Entry(location!, state, isNew), first: moved++ == 0);
                    if (state.ReceivedAt >= newSince) // else the user moved, not the friend: no latency of an update
                    {
                        message.OldestReceivedAt = Oldest(message.OldestReceivedAt, state.ReceivedAt);
                    }

                    if (isNew && location!.DisplayName is not null)
                    {
                        list.SetNamed(friend);
                    }

                    break;
                case ListChange.Left:
                    _toldTimes?.Remove(friend);
                    scratch.Left.Add((location?.UserId ?? _removed![friend], Away: IsPresent(state, _toldAt)));
                    break;
                case ListChange.None:
                    break;
            }
        }

        var hasChanges = moved > 0 || scratch.Left.Count > 0;
        if (hasChanges)
        {
            format.EndFriends(message, scratch.Left);
        }
        else
        {
            message.Dispose();
        }

        scratch.Left.Clear();
        scratch.States.Clear();
        return hasChanges ? message : null;
    }

    /// <summary>Who is to be told with a name that is not here yet; null when nobody is.</summary>
    public List<FriendLocation>? Nameless()
    {
        List<FriendLocation>? nameless = null;
        foreach (var friend in list.Waiting)
        {
            if (list.IsInside(friend) && !list.IsNamed(friend) && friends.LocationOf(friend) is { DisplayName: null } location)
            {
                (nameless ??= []).Add(location);
            }
        }

        return nameless;
    }

    /// <summary>A new list begins, whose first page tells everything.</summary>
    public void Begin()
    {
        _toldTimes?.Clear();
        _toldAt = context.Now;
    }

    /// <summary>All are told again, for their distances.</summary>
    public void TellDistances() => _toldTimes?.Clear();

    /// <summary>The client hears of this friend again, though nothing changed.</summary>
    public void Forget(int friend) => _toldTimes?.Remove(friend);

    /// <summary>The friend is none any more; who it was is still to be told.</summary>
    public void Remove(int friend, long userId) => (_removed ??= [])[friend] = userId;

    /// <summary>The list is over.</summary>
    public void End() => _toldTimes = null;

    /// <summary>Gives back the memory that only the next moments need, if the last flush was before <paramref name="since"/> (Unix milliseconds) and nothing waits.</summary>
    public void Rest(long since)
    {
        if (_toldTimes is not null && _toldAt < since && list.WaitingCount == 0)
        {
            _toldTimes = null;
            list.Rest();
        }
    }

    /// <summary>
    /// Reads where those who wait are, once. Who hid or became inactive since its last update leaves the list here and now:
    /// the word of it may come after this flush, which must not tell a location that is none.
    /// </summary>
    private void ReadWaiting(List<FriendState> states)
    {
        var now = context.Now;
        foreach (var friend in list.Waiting)
        {
            var state = friends.LocationOf(friend) is { } location ? friends.SeenBy(friend, location.Read(), now) : default;
            if (!context.Presence.IsPresent(state, now))
            {
                list.Test(friend, null, changed: false);
            }

            states.Add(state);
        }
    }

    /// <summary>
    /// Whether the client does not have this update yet. A flush may come between the update and the word of it (frames of
    /// two servers are read side by side while the ring changes): it tells the update, and the word comes after.
    /// </summary>
    private bool IsNews(int friend, long time)
    {
        ref var told = ref CollectionsMarshal.GetValueRefOrAddDefault(_toldTimes ??= [], friend, out var wasTold);
        if (wasTold && told == time)
        {
            return false;
        }

        told = time;
        return true;
    }

    /// <summary>Away is told of a friend who is active and simply elsewhere; anything else is gone.</summary>
    private bool IsPresent(in FriendState state, long now) => state.IsSharing && context.Presence.IsPresent(state, now);

    private FriendEntry Entry(FriendLocation location, in FriendState state, bool withName) =>
        new(location.UserId, withName ? location.DisplayName : null, state.Location, list.DistanceTo(state.Location), state.Accuracy,
            state.IsApproximate);

    private static long Oldest(long before, long receivedAt) => before == 0 ? receivedAt : Math.Min(before, receivedAt);

    /// <summary>Lists that are needed only while a message is written, one for each thread.</summary>
    private sealed class Scratch
    {
        public List<FriendState> States { get; } = [];

        public List<(long UserId, bool Away)> Left { get; } = [];
    }
}
