using System.Runtime.InteropServices;
using NearbyFriends.Client.Locations;
using NearbyFriends.Client.Wire;

namespace NearbyFriends.Client.Lists;

/// <summary>
/// The live list of nearby friends: pages and updates of the gateway applied in order, friends who became inactive
/// dropped on time even when no message says so, distances recomputed as one moves. Safe to read from any thread.
/// </summary>
/// <remarks>
/// Reading costs a sort only after a change. Nothing here owns a timer: <see cref="NearbyClient"/> calls
/// <see cref="Expire"/> about once a second, and reading expires by itself.
/// </remarks>
public sealed class NearbyList
{
    private readonly Lock _gate;
    private readonly Func<long> _now;
    private readonly Dictionary<long, NearbyFriend> _friends = [];
    private NearbyFriend[]? _sorted = [];
    private Location? _own;
    private long _inactiveAfter = long.MaxValue;
    private long _nextExpiry = long.MaxValue;

    /// <param name="gate">Held while the list changes and while its changes are told, so that they are told in order.</param>
    /// <param name="now">The gateway's clock, Unix milliseconds.</param>
    internal NearbyList(Lock gate, Func<long> now) => (_gate, _now) = (gate, now);

    /// <summary>Everyone loaded so far who is nearby and active now, nearest first. An immutable snapshot.</summary>
    public IReadOnlyList<NearbyFriend> Friends
    {
        get
        {
            lock (_gate)
            {
                if (_nextExpiry > _now())
                {
                    return Sorted();
                }

                return Sorted().Where(friend => !IsInactive(friend)).ToArray();
            }
        }
    }

    /// <summary>How many friends are nearby by the gateway's count, loaded or not.</summary>
    public int Total { get; private set; }

    /// <summary>Number of the list; 0 before the first. The next one replaces everything.</summary>
    public long Number { get; private set; }

    /// <summary>Whether there are pages that were not asked for.</summary>
    public bool HasMore => Cursor is not null;

    /// <summary>What the next page is asked with; null on the last page.</summary>
    internal string? Cursor { get; private set; }

    /// <summary>The page that came last; the next one's number is one more.</summary>
    internal int Page { get; private set; }

    /// <summary>A friend by id, loaded or seen moving; null when not nearby.</summary>
    public NearbyFriend? Find(long friendId)
    {
        lock (_gate)
        {
            return _friends.TryGetValue(friendId, out var friend) && !IsInactive(friend) ? friend : null;
        }
    }

    internal void SetInactiveAfter(long milliseconds)
    {
        lock (_gate)
        {
            _inactiveAfter = milliseconds;
            _nextExpiry = 0;
        }
    }

    /// <summary>Page 1 replaces everything; a later page of the same list adds; a page of an older list is ignored.</summary>
    internal void Apply(NearbyMessage page, List<ListChange> changes)
    {
        if (page.Page > 1 && page.List != Number)
        {
            return;
        }

        if (page.Page <= 1)
        {
            // An update may have overtaken the snapshot, so a friend's time does not go back even here.
            var before = new Dictionary<long, NearbyFriend>(_friends);
            _friends.Clear();
            foreach (var entry in page.Friends)
            {
                Put(before.TryGetValue(entry.Id, out var known) && known.Time > entry.Time
                    ? known with { Name = entry.Name }
                    : Entry(entry, entry.Name));
            }

            _sorted = null;
            changes.Add(new(ListChangeKind.Replaced));
        }
        else
        {
            foreach (var entry in page.Friends)
            {
                Merge(entry, changes);
            }
        }

        (Number, Page, Total, Cursor) = (page.List, page.Page, page.Total, page.Cursor);
    }

    /// <summary>Applies one flush; one of another list is ignored.</summary>
    internal void Apply(FriendsMessage flush, List<ListChange> changes)
    {
        if (flush.List != Number)
        {
            return;
        }

        foreach (var entry in flush.Moved ?? [])
        {
            Merge(entry, changes);
        }

        foreach (var entry in flush.Left ?? [])
        {
            Remove(entry.Id, string.Equals(entry.Reason, "away", StringComparison.Ordinal) ? LeaveReason.Away : LeaveReason.Gone, changes);
        }

        Total = flush.Total;
    }

    /// <summary>Drops one friend, as when the friendship ended.</summary>
    internal void Remove(long friendId, LeaveReason reason, List<ListChange> changes)
    {
        if (_friends.Remove(friendId, out var friend))
        {
            _sorted = null;
            changes.Add(new(ListChangeKind.Left, friend, reason));
        }
    }

    /// <summary>Empties the list, as when one stops sharing.</summary>
    internal void Clear(List<ListChange> changes)
    {
        foreach (var id in _friends.Keys)
        {
            Remove(id, LeaveReason.Gone, changes); // does not disturb the enumeration
        }

        (Total, Cursor) = (0, null);
        changes.Add(new(ListChangeKind.Replaced));
    }

    /// <summary>One moved oneself.</summary>
    internal void MoveTo(in Location own, List<ListChange> changes)
    {
        if (_own is { } before && before.Time > own.Time)
        {
            return;
        }

        _own = own;
        if (_friends.Count == 0)
        {
            return;
        }

        foreach (var id in _friends.Keys)
        {
            // Overwriting a value does not disturb the enumeration of the keys.
            ref var friend = ref CollectionsMarshal.GetValueRefOrNullRef(_friends, id);
            friend = friend with { Distance = own.DistanceTo(friend.Latitude, friend.Longitude) };
        }

        _sorted = null;
        changes.Add(new(ListChangeKind.Distances));
    }

    /// <summary>The list is around another device's location from now on: distances are as the gateway tells them.</summary>
    internal void ForgetOwn() => _own = null;

    /// <summary>Drops who became inactive. Costs one comparison when nobody did.</summary>
    internal void Expire(List<ListChange> changes)
    {
        if (_nextExpiry > _now())
        {
            return;
        }

        _nextExpiry = long.MaxValue;
        foreach (var friend in _friends.Values)
        {
            if (IsInactive(friend))
            {
                // Removing does not disturb the enumeration either.
                _friends.Remove(friend.Id);
                _sorted = null;
                Total = Math.Max(0, Total - 1);
                changes.Add(new(ListChangeKind.Left, friend, LeaveReason.Gone));
            }
            else
            {
                _nextExpiry = Math.Min(_nextExpiry, ExpiryOf(friend));
            }
        }
    }

    private void Merge(in FriendEntry entry, List<ListChange> changes)
    {
        var known = _friends.TryGetValue(entry.Id, out var before);
        if (known && before.Time > entry.Time)
        {
            if (before.Name is null && entry.Name is not null)
            {
                Put(before with { Name = entry.Name });
                _sorted = null;
            }

            return;
        }

        var friend = Entry(entry, entry.Name ?? before.Name);
        Put(friend);
        _sorted = null;
        changes.Add(new(known ? ListChangeKind.Moved : ListChangeKind.Added, friend, ReportedDistance: entry.Distance, IsNews: known && friend.Time > before.Time));
    }

    private void Put(in NearbyFriend friend)
    {
        _friends[friend.Id] = friend;
        _nextExpiry = Math.Min(_nextExpiry, ExpiryOf(friend));
    }

    private NearbyFriend Entry(in FriendEntry entry, string? name) =>
        new(entry.Id, name, entry.Lat, entry.Lon, entry.Time, DistanceOf(entry.Lat, entry.Lon, entry.Distance), entry.Accuracy, entry.Approximate);

    // The gateway may not have had the location sent last when it computed its distance; nor does it tell the distance
    // of a friend who stands still again.
    private double DistanceOf(double latitude, double longitude, double reported) =>
        _own is { } own ? own.DistanceTo(latitude, longitude) : reported;

    private long ExpiryOf(in NearbyFriend friend) =>
        _inactiveAfter > long.MaxValue - friend.Time ? long.MaxValue : friend.Time + _inactiveAfter;

    private bool IsInactive(in NearbyFriend friend) => ExpiryOf(friend) <= _now();

    private NearbyFriend[] Sorted()
    {
        if (_sorted is null)
        {
            _sorted = [.. _friends.Values];
            Array.Sort(_sorted, static (a, b) => a.Distance.CompareTo(b.Distance) is not 0 and var order ? order : a.Id.CompareTo(b.Id));
        }

        return _sorted;
    }
}
