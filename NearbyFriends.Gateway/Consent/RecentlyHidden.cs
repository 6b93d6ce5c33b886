using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Consent;

/// <summary>
/// Who stopped sharing within the time that a location lives, as the journal says: a location of theirs that still lies in
/// the cache, or comes in a late frame, is refused whether or not a tombstone was ever written.
/// </summary>
/// <remarks>
/// Two generations of an open-addressing table, 16 bytes a slot: the older one is dropped as a whole, so no entry needs a
/// time of its own. An entry that is kept too long is harmless, because versions only rise. Look-ups take no lock: an entry's
/// version is written before its user, a table that is full is replaced by a larger copy. The journal's reader records a user
/// here before it looks whether somebody watches the user, so whoever begins to watch meanwhile finds the entry.
/// </remarks>
public sealed class RecentlyHidden(IOptions<PresenceOptions> presence, TimeProvider clock)
{
    /// <summary>
    /// How much longer than <see cref="PresenceOptions.InactiveAfter"/> an entry is kept: a gateway that has not heard of the
    /// change may still write locations, for a minute until it knows that it is cut off, and while it drains.
    /// </summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private Table _current = new(16);
    private Table _previous = new(1);
    private long _begun = clock.GetTimestamp();

    /// <summary>For how long an entry is kept at least.</summary>
    public TimeSpan Span { get; } = presence.Value.InactiveAfter + Margin;

    /// <summary>Entries kept now.</summary>
    public int Count => Volatile.Read(ref _current).Count + Volatile.Read(ref _previous).Count;

    /// <summary>Whether a location of this sharing version must not be shown, because its user hid at that version or a later one.</summary>
    public bool IsHidden(long userId, long sharingVersion) =>
        sharingVersion <= Volatile.Read(ref _current).VersionOf(userId) || sharingVersion <= Volatile.Read(ref _previous).VersionOf(userId);

    /// <summary>Records that a user hid at this sharing version; no effect if a later one is known.</summary>
    public void Add(long userId, long sharingVersion)
    {
        lock (_gate)
        {
            if (clock.GetElapsedTime(_begun) >= Span)
            {
                _begun = clock.GetTimestamp();
                Volatile.Write(ref _previous, _current); // first, so that a reader who finds the new table empty finds the old one here
                Volatile.Write(ref _current, new Table(16));
            }

            if (_current.IsFull)
            {
                Volatile.Write(ref _current, _current.Larger());
            }

            _current.Set(userId, sharingVersion);
        }
    }

    private struct Slot
    {
        public long UserId; // 0: empty
        public long Version;
    }

    /// <summary>Linear probing; at most three quarters full. One writer at a time, any number of readers.</summary>
    /// <param name="size">A power of two.</param>
    private sealed class Table(int size)
    {
        private readonly Slot[] _slots = new Slot[size];

        public int Count { get; private set; }

        public bool IsFull => Count >= _slots.Length - (_slots.Length / 4);

        public long VersionOf(long userId)
        {
            ref var slot = ref Find(userId);
            return Volatile.Read(ref slot.UserId) == userId ? Volatile.Read(ref slot.Version) : 0;
        }

        public void Set(long userId, long version)
        {
            ref var slot = ref Find(userId);
            Volatile.Write(ref slot.Version, Math.Max(slot.Version, version));
            if (slot.UserId == 0)
            {
                Volatile.Write(ref slot.UserId, userId);
                Count++;
            }
        }

        public Table Larger()
        {
            var larger = new Table(2 * _slots.Length);
            foreach (var slot in _slots)
            {
                if (slot.UserId != 0)
                {
                    larger.Set(slot.UserId, slot.Version);
                }
            }

            return larger;
        }

        /// <summary>The user's slot, or the empty one where it would be.</summary>
        private ref Slot Find(long userId)
        {
            var index = (int)StableHash.Of(userId);
            while (true)
            {
                ref var slot = ref _slots[index & (_slots.Length - 1)];
                var there = Volatile.Read(ref slot.UserId);
                if (there == userId || there == 0)
                {
                    return ref slot;
                }

                index++;
            }
        }
    }
}
