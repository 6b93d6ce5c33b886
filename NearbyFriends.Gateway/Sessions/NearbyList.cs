using System.Runtime.CompilerServices;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Watching;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>What a flush must tell about a friend.</summary>
public enum ListChange
{
    /// <summary>Nothing: the friend came and went between two flushes.</summary>
    None,

    /// <summary>The friend is inside: came, moved, or the watcher did.</summary>
    Moved,

    /// <summary>The friend is out.</summary>
    Left,
}

/// <summary>
/// Which friends one session shows, and what its client has not been told yet: the outbox. Friends are numbers from 0;
/// each has at most one change waiting, so a slow client costs no more memory than its friends.
/// Not thread-safe: the session holds its lock, but for <see cref="IsClearlyOutside"/>.
/// </summary>
/// <remarks>
/// A friend enters at the radius and leaves beyond <see cref="KeepMetres"/>; the margin avoids flicker at the edge. Whether the client believes a friend to be inside (Told) is kept apart from whether the
/// friend is (Inside), so that what happens between two flushes cancels out.
/// </remarks>
public sealed class NearbyList
{
    private const double KeepShare = 0.05;
    private const double LeastKeepMetres = 25; // what receivers are wrong by

    private Flags[] _friends;
    private int[] _waiting = [];
    private int _waitingCount;
    private double _enterChord;
    private double _keepChord;
    private BoundingBox _reach = BoundingBox.Empty;
    private UnitVector _centre;

    /// <param name="capacity">Friends expected.</param>
    /// <param name="radiusMetres">See <see cref="RadiusMetres"/>.</param>
    public NearbyList(int capacity, int radiusMetres)
    {
        _friends = new Flags[capacity];
        RadiusMetres = radiusMetres;
    }

    [Flags]
    private enum Flags : byte
    {
        None = 0,
        Inside = 1,
        Told = 2,
        Named = 4,
        Waiting = 8,
    }

    /// <summary>How far away a friend who is inside stays in the list: the radius and a margin of 5 %, at least 25 m. In metres.</summary>
    public static double KeepMetres(double radius) => radius + Math.Max(radius * KeepShare, LeastKeepMetres);

    /// <summary>Number of the list that the client has; 0 before the first.</summary>
    public int Number { get; private set; }

    /// <summary>Whether the client has a list that follows what happens.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Friends inside.</summary>
    public int Total { get; private set; }

    /// <summary>Friends with a change that the client was not told.</summary>
    public int WaitingCount => _waitingCount;

    /// <summary>The friends with a change that the client was not told.</summary>
    public ReadOnlySpan<int> Waiting => _waiting.AsSpan(0, _waitingCount);

    /// <summary>The watcher's own place. Who sets it on an open list tests all friends again.</summary>
    public Location Centre
    {
        get;
        set
        {
            field = value;
            _centre = value.Position;
            _reach = BoundingBox.Around(value, KeepMetres(RadiusMetres));
            Interlocked.MemoryBarrier(); // before any friend's location is read: see IsClearlyOutside
        }
    }

    /// <summary>Radius in metres.</summary>
    public int RadiusMetres
    {
        get;
        set
        {
            field = value;
            _enterChord = GreatCircle.ChordSquaredOfMetres(value);
            _keepChord = GreatCircle.ChordSquaredOfMetres(KeepMetres(value));
            _reach = IsOpen ? BoundingBox.Around(Centre, KeepMetres(value)) : BoundingBox.Empty;
        }
    }

    /// <summary>Starts a new list, empty until friends are tested.</summary>
    public void Open()
    {
        Close();
        IsOpen = true;
        Number++;
    }

    /// <summary>Forgets everything: the client shows nothing, or is in the background.</summary>
    public void Close()
    {
        Array.Clear(_friends);
        _waitingCount = 0;
        Total = 0;
        IsOpen = false;
        _reach = BoundingBox.Empty;
    }

    /// <summary>
    /// Whether a friend who is now at <paramref name="location"/> was outside before and stays there: nothing to do, as for
    /// nine friends in ten. May be asked without the session's lock.
    /// </summary>
    /// <remarks>
    /// What it reads may change at the same moment. It is right nevertheless, because both sides write first and read
    /// second, with a full fence in between: who asks has published the friend's location; who moves the centre or lets
    /// the friend in writes that and then reads the location, again if it moved (<see cref="FriendLocation.HasMovedSince"/>).
    /// At least one of the two sees what the other wrote.
    /// </remarks>
    public bool IsClearlyOutside(int friend, in Location location)
    {
        var friends = _friends;
        return !_reach.MayContain(location) && ((uint)friend >= (uint)friends.Length || friends[friend] == Flags.None);
    }

    /// <summary>Begins to load what <see cref="IsClearlyOutside"/> needs.</summary>
    public void Touch(int friend)
    {
        var friends = Volatile.Read(ref _friends);
        if ((uint)friend < (uint)friends.Length)
        {
            _ = Volatile.Read(ref Unsafe.As<Flags, byte>(ref friends[friend]));
        }
    }

    /// <summary>Distance in metres from the centre.</summary>
    public double DistanceTo(in Location location) => GreatCircle.MetresOfChordSquared(_centre.ChordSquared(location.Position));

    /// <summary>
    /// Tests a friend against the radius; true if the client has something to be told now that it did not before.
    /// </summary>
    /// <param name="friend">The friend's number.</param>
    /// <param name="location">Where the friend is; null when hidden, inactive, or no friend any more.</param>
    /// <param name="changed">Whether the distance or the location changed: false re-tests without telling who merely stayed.</param>
    public bool Test(int friend, in Location? location, bool changed)
    {
        if (!IsOpen)
        {
            return false;
        }

        EnsureRoomFor(friend);
        ref var flags = ref _friends[friend];
        var wasInside = (flags & Flags.Inside) != 0;
        var isInside = location is { } place && _reach.MayContain(place)
            && _centre.ChordSquared(place.Position) <= (wasInside ? _keepChord : _enterChord);
        if (isInside != wasInside)
        {
            flags ^= Flags.Inside;
            Total += isInside ? 1 : -1;
        }
        else if (!isInside || !changed)
        {
            return false;
        }

        return Wait(friend, ref flags);
    }

    /// <summary>Whether the friend is inside.</summary>
    public bool IsInside(int friend) => friend < _friends.Length && (_friends[friend] & Flags.Inside) != 0;

    /// <summary>Whether the client has the friend's name, in this list.</summary>
    public bool IsNamed(int friend) => (_friends[friend] & Flags.Named) != 0;

    /// <summary>The client has the friend's name now.</summary>
    public void SetNamed(int friend) => _friends[friend] |= Flags.Named;

    /// <summary>Everything inside is told: page 1 of a new list covers it.</summary>
    public void TellAll()
    {
        for (var i = 0; i < _friends.Length; i++)
        {
            _friends[i] = (_friends[i] & Flags.Inside) != 0 ? (_friends[i] & Flags.Named) | Flags.Inside | Flags.Told : Flags.None;
        }

        _waitingCount = 0;
    }

    /// <summary>The friends with something to tell; each must be asked with <see cref="Tell"/> before the next test.</summary>
    public ReadOnlySpan<int> TakeWaiting()
    {
        var waiting = Waiting;
        _waitingCount = 0;
        return waiting;
    }

    /// <summary>Gives back the memory of the outbox, which is empty.</summary>
    public void Rest() => _waiting = [];

    /// <summary>What the client is told about a friend now.</summary>
    public ListChange Tell(int friend)
    {
        ref var flags = ref _friends[friend];
        flags &= ~Flags.Waiting;
        var wasTold = (flags & Flags.Told) != 0;
        if ((flags & Flags.Inside) != 0)
        {
            flags |= Flags.Told;
            return ListChange.Moved;
        }

        flags = Flags.None;
        return wasTold ? ListChange.Left : ListChange.None;
    }

    private bool Wait(int friend, ref Flags flags)
    {
        if ((flags & Flags.Waiting) != 0)
        {
            return false;
        }

        flags |= Flags.Waiting;
        if (_waitingCount == _waiting.Length)
        {
            Array.Resize(ref _waiting, Math.Max(8, _waiting.Length * 2));
        }

        _waiting[_waitingCount++] = friend;
        return true;
    }

    private void EnsureRoomFor(int friend)
    {
        if (friend >= _friends.Length)
        {
            Array.Resize(ref _friends, friend + 8);
        }
    }
}
