using NearbyFriends.Core.Geo;


namespace NearbyFriends.Gateway.Watching;

/// <summary>What is known of a user's location at one moment.</summary>
/// <param name="SharingVersion">The user's sharing version; 0 while nothing is known.</param>
/// <param name="IsSharing">Whether the user shares, until the end if there is one: true until it is known to hide.</param>
/// <param name="HasLocation">False when the user hides, is inactive, or was not heard of.</param>
/// <param name="Location">Where and when.</param>
/// <param name="ReceivedAt">Unix microseconds UTC at which a gateway received it; 0 when it came from the cache.</param>
/// <param name="Accuracy">Of the location.</param>
/// <param name="SharingUntil">Unix milliseconds at which sharing ends at this version; 0 for no end.</param>
/// <param name="IsApproximate">Whether the location is what a friend sees who is not shown the exact one.</param>
public readonly record struct FriendState(
    long SharingVersion, bool IsSharing, bool HasLocation, Location Location, long ReceivedAt, Accuracy Accuracy = default,
    long SharingUntil = 0, bool IsApproximate = false)
{
    /// <summary>Whether the user shares at <paramref name="now"/> (Unix milliseconds).</summary>
    public bool SharesAt(long now) => IsSharing && (SharingUntil == 0 || now < SharingUntil);
}

/// <summary>
/// One watched user who was heard of, or who has several watchers: where the user is, kept once in a gateway, and the
/// sessions that watch.
/// </summary>
/// <remarks>
/// Many sessions read the location for each time it is written, so it is a sequence lock: a writer makes the sequence
/// odd, writes, and makes it even again; a reader copies and tries again if the sequence moved. Readers take no lock
/// and allocate nothing. It only ever advances in (sharing version, time), whatever order frames and cache reads arrive in.
/// The watchers are an array that is replaced, never changed, by <see cref="WatchIndex"/>.
/// </remarks>
public sealed class FriendLocation(long userId)
{
    private FriendState _state = new(0, IsSharing: true, HasLocation: false, default, 0);
    private Watcher[] _watchers = [];
    private int _sequence;
    private int _isAwaitingExpiry;

    public long UserId { get; } = userId;

    /// <summary>As friends see it; null until somebody needed it.</summary>
    public string? DisplayName { get; set; }

    /// <summary>Who watches now; empty once the last left.</summary>
    public Watcher[] Watchers
    {
        get => Volatile.Read(ref _watchers);
        set => Volatile.Write(ref _watchers, value);
    }

    /// <summary>Begins to load what an update needs.</summary>
    public void Touch()
    {
        _ = Volatile.Read(ref _sequence);
        _ = Volatile.Read(ref _watchers).Length;
    }

    /// <summary>A consistent copy.</summary>
    public FriendState Read() => Read(out _);

    /// <summary>A consistent copy, and the sequence by which <see cref="HasMovedSince"/> knows it again.</summary>
    public FriendState Read(out int sequence)
    {
        var spin = default(SpinWait);
        while (true)
        {
            sequence = Volatile.Read(ref _sequence);
            if ((sequence & 1) == 0)
            {
                var state = _state;
                Volatile.ReadBarrier();
                if (sequence == _sequence)
                {
                    return state;
                }
            }

            spin.SpinOnce();
        }
    }

    /// <summary>Whether there is, or will be in a moment, another state than that of <paramref name="sequence"/>; a full fence before it looks.</summary>
    public bool HasMovedSince(int sequence)
    {
        Interlocked.MemoryBarrier();
        return _sequence != sequence;
    }

    /// <summary>Takes a location if it is newer; false for a duplicate, an older one, or one of a user who hid since.</summary>
    public bool TryMove(long sharingVersion, in Location location, long receivedAt, Accuracy accuracy = default)
    {
        var sequence = BeginWrite();
        var newer = sharingVersion > _state.SharingVersion
            || (sharingVersion == _state.SharingVersion && _state.IsSharing && location.Time > _state.Location.Time);
        if (newer)
        {
            var until = sharingVersion == _state.SharingVersion ? _state.SharingUntil : 0;
            _state = new(sharingVersion, IsSharing: true, HasLocation: true, location, receivedAt, accuracy, until);
        }

        EndWrite(sequence);
        return newer;
    }

    /// <summary>
    /// Takes a switch of sharing if it is newer: the location is gone, until one of a version that shares comes. It stays where
    /// sharing continues with another end.
    /// </summary>
    /// <param name="sharingVersion">The version that says so.</param>
    /// <param name="sharing">Whether the user shares.</param>
    /// <param name="until">Unix milliseconds at which that ends; 0 for no end.</param>
    /// <returns>False when it was known.</returns>
    public bool TrySwitchSharing(long sharingVersion, bool sharing, long until = 0)
    {
        var sequence = BeginWrite();
        var before = _state;
        if (sharingVersion > before.SharingVersion)
        {
            // Of two versions in a row that share, the later differs in its end only: to hide takes a version of its own.
            var goesOn = sharing && before.IsSharing && sharingVersion == before.SharingVersion + 1;
            _state = goesOn
                ? before with { SharingVersion = sharingVersion, SharingUntil = until }
                : new(sharingVersion, sharing, HasLocation: false, default, 0, SharingUntil: until);
        }
        else if (sharingVersion == before.SharingVersion && sharing && before.IsSharing)
        {
            _state = before with { SharingUntil = until }; // a location of this version came first
        }

        var switched = _state.SharingVersion != before.SharingVersion || _state.SharingUntil != before.SharingUntil;
        EndWrite(sequence);
        return switched;
    }

    /// <summary>Ends sharing if its end has come at <paramref name="now"/> (Unix milliseconds); false if it has not, or is over.</summary>
    public bool TryEndSharing(long now)
    {
        var sequence = BeginWrite();
        var ends = _state.IsSharing && !_state.SharesAt(now);
        if (ends)
        {
            _state = _state with { IsSharing = false, HasLocation = false };
        }

        EndWrite(sequence);
        return ends;
    }

    /// <summary>Forgets a location of <paramref name="time"/> (Unix milliseconds) or before; false if there is a newer one or none.</summary>
    public bool TryExpire(long time)
    {
        var sequence = BeginWrite();
        var expired = _state.HasLocation && _state.Location.Time <= time;
        if (expired)
        {
            _state = _state with { HasLocation = false };
        }

        EndWrite(sequence);
        return expired;
    }

    /// <summary>True once, until <see cref="ExpiryDone"/>: who gets true enters it into the expiry wheel.</summary>
    public bool BeginAwaitingExpiry() => Volatile.Read(ref _isAwaitingExpiry) == 0 && Interlocked.Exchange(ref _isAwaitingExpiry, 1) == 0;

    /// <summary>It left the expiry wheel.</summary>
    public void ExpiryDone() => Volatile.Write(ref _isAwaitingExpiry, 0);

    private int BeginWrite()
    {
        var spin = default(SpinWait);
        while (true)
        {
            var sequence = Volatile.Read(ref _sequence);
            if ((sequence & 1) == 0 && Interlocked.CompareExchange(ref _sequence, sequence + 1, sequence) == sequence)
            {
                return sequence;
            }

            spin.SpinOnce();
        }
    }

    /// <summary>A full fence: what the writer reads next, of its watchers, is not older than what it wrote.</summary>
    private void EndWrite(int sequence) => Interlocked.Exchange(ref _sequence, sequence + 2);
}
