using NearbyFriends.Core.Geo;
using NearbyFriends.Core.Locations;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>What is known of a user's location at one moment.</summary>
/// <param name="SharingVersion">The user's sharing version; 0 while nothing is known.</param>
/// <param name="IsSharing">Whether the user shares: true until it is known to hide.</param>
/// <param name="HasLocation">False when the user hides, is inactive, or was not heard of.</param>
/// <param name="Location">Where and when.</param>
/// <param name="Position">The same place on the unit sphere, computed once for all watchers.</param>
/// <param name="ReceivedAt">Unix microseconds UTC at which a gateway received it; 0 when it came from the cache.</param>
public readonly record struct FriendState(
    long SharingVersion, bool IsSharing, bool HasLocation, Location Location, UnitVector Position, long ReceivedAt);

/// <summary>
/// The location of one watched user, kept once in a gateway and read by all sessions that watch it.
/// </summary>
/// <remarks>
/// Many sessions read it for each time it is written, so it is a sequence lock: a writer makes the sequence odd, writes,
/// and makes it even again; a reader copies and tries again if the sequence moved. Readers take no lock and allocate
/// nothing. It only ever advances in (sharing version, time), whatever order frames and cache reads arrive in.
/// </remarks>
public sealed class FriendLocation(long userId)
{
    private FriendState _state = new(0, IsSharing: true, HasLocation: false, default, default, 0);
    private int _sequence;
    private int _isAwaitingExpiry;

    public long UserId { get; } = userId;

    /// <summary>As friends see it; null until somebody needed it.</summary>
    public string? DisplayName { get; set; }

    /// <summary>A consistent copy.</summary>
    public FriendState Read()
    {
        var spin = default(SpinWait);
        while (true)
        {
            var before = Volatile.Read(ref _sequence);
            if ((before & 1) == 0)
            {
                var state = _state;
                Thread.MemoryBarrier();
                if (before == _sequence)
                {
                    return state;
                }
            }

            spin.SpinOnce();
        }
    }

    /// <summary>Takes a location if it is newer; false for a duplicate, an older one, or one of a user who hid since.</summary>
    public bool TryMove(long sharingVersion, in Location location, long receivedAt)
    {
        var position = location.Position;
        var sequence = BeginWrite();
        var newer = sharingVersion > _state.SharingVersion
            || (sharingVersion == _state.SharingVersion && _state.IsSharing && location.Time > _state.Location.Time);
        if (newer)
        {
            _state = new(sharingVersion, IsSharing: true, HasLocation: true, location, position, receivedAt);
        }

        EndWrite(sequence);
        return newer;
    }

    /// <summary>Takes a switch of sharing if it is newer: the location is gone, until one of a version that shares comes.</summary>
    public bool TrySwitchSharing(long sharingVersion, bool sharing)
    {
        var sequence = BeginWrite();
        var newer = sharingVersion > _state.SharingVersion;
        if (newer)
        {
            _state = new(sharingVersion, sharing, HasLocation: false, default, default, 0);
        }

        EndWrite(sequence);
        return newer;
    }

    /// <summary>Forgets a location of <paramref name="inactiveSince"/> (Unix milliseconds) or before; false if there is a newer one or none.</summary>
    public bool TryExpire(long inactiveSince)
    {
        var sequence = BeginWrite();
        var expired = _state.HasLocation && _state.Location.Time <= inactiveSince;
        if (expired)
        {
            _state = _state with { HasLocation = false };
        }

        EndWrite(sequence);
        return expired;
    }

    /// <summary>True once, until <see cref="ExpiryDone"/>: who gets true enters it into the expiry wheel.</summary>
    public bool BeginAwaitingExpiry() => Interlocked.Exchange(ref _isAwaitingExpiry, 1) == 0;

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

    private void EndWrite(int sequence) => Volatile.Write(ref _sequence, sequence + 2);
}
