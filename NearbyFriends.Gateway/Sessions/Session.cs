using System.Security.Cryptography;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Transports;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// One connection of one user: which friends it watches, what its client was told, and what it must be told next.
/// </summary>
/// <remarks>
/// Every change happens under the session's lock, for a fraction of a microsecond; nothing is sent while it is held.
/// One message is under way at a time (<see cref="Pump"/>). What friends do meanwhile gathers in the outbox of
/// <see cref="NearbyList"/>, at most one entry for each friend, so a slow client gets fewer and fuller messages
/// instead of a queue.
/// </remarks>
public sealed partial class Session
{
    /// <summary>The friend number under which a session watches its own user.</summary>
    public const int Self = -1;

    private const double StoodStillMetres = 1;
    private static readonly double StoodStillChord = GreatCircle.ChordSquaredOfMetres(StoodStillMetres);

    private readonly Lock _gate = new();
    private readonly SessionContext _context;
    private readonly Transport _transport;
    private readonly SessionFriends _friends;
    private readonly NearbyList _list;
    private readonly int _selfHandle;
    private UnitVector _toldCentre;
    private bool _wantsList;
    private bool _isInBackground;
    private bool _isOpening;
    private string? _openingRef;

    public Session(long userId, IReadOnlyCollection<long> friends, long friendsVersion, SessionContext context, Transport transport)
    {
        Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        UserId = userId;
        FriendsVersion = friendsVersion;
        _context = context;
        _transport = transport;
        _flushEveryMs = (long)context.Options.Flush.TotalMilliseconds;
        _list = new NearbyList(friends.Count, context.PresenceOptions.RadiusMetres);
        _friends = new SessionFriends(context.Index, friends.Count);
        Number = context.Index.Enter(this);
        _selfHandle = context.Index.Watch(userId, this, Self);
        Own = context.Index.Find(userId)!;
        foreach (var friend in friends)
        {
            _friends.Add(friend, this);
        }
    }

    /// <summary>Names the connection; random, unrelated to the user.</summary>
    public string Id { get; }

    public long UserId { get; }

    /// <summary>Its number in the index.</summary>
    public int Number { get; }

    /// <summary>How its messages are written.</summary>
    public MessageFormat Format => _transport.Format;

    /// <summary>The user's own location, shared by all its sessions on this gateway.</summary>
    public FriendLocation Own { get; }

    /// <summary>Unix milliseconds at which the client's token ends.</summary>
    public long TokenExpiresAt { get; set; } = long.MaxValue;

    /// <summary>The user's sharing version when the session's friends were loaded: a lock of an earlier version is over.</summary>
    public long SharingVersion { get; set; }

    /// <summary>Unix milliseconds at which the user began to share again; 0 if it never paused. Points dated before are not taken.</summary>
    public long SharingSince { get; set; }

    /// <summary>Radius in metres.</summary>
    public int RadiusMetres => _list.RadiusMetres;

    /// <summary>Least milliseconds between two <c>friends</c> messages.</summary>
    public long FlushEveryMs => _flushEveryMs;

    /// <summary>Begins to load what an update of this friend needs.</summary>
    public void Touch(int friend) => _list.Touch(friend);

    /// <summary>A friend moved to <paramref name="moved"/>; true when the friend is inside, false when out of sight.</summary>
    public bool FriendMoved(int friend, FriendLocation location, in Location moved) =>
        !_list.IsClearlyOutside(friend, moved) && FriendChanged(friend, location);

    /// <summary>A friend moved, hides or is inactive; true when the friend is inside, false when out of sight.</summary>
    public bool FriendChanged(int friend, FriendLocation location)
    {
        bool isInside;
        bool flush;
        lock (_gate)
        {
            if (!_friends.IsWatched(friend))
            {
                return false; // unfriended meanwhile
            }

            // Read under the lock: of two updates at once, whoever comes last sees the newer.
            flush = TestOne(friend, location, changed: true, _context.Now) && ShouldFlushNow();
            isInside = _list.IsInside(friend);
        }

        if (flush)
        {
            Pump();
        }

        return isInside;
    }

    /// <summary>The session's own user moved, on this connection or another: every friend is tested again.</summary>
    public void OwnMoved()
    {
        var flush = false;
        var open = false;
        lock (_gate)
        {
            if (OwnLocation() is not { } own)
            {
                return;
            }

            if (_list.IsOpen)
            {
                flush = !own.IsSamePlaceAs(_list.Centre) && MoveCentre(own) && ShouldFlushNow();
            }
            else
            {
                open = _wantsList && !_isInBackground;
            }
        }

        if (open)
        {
            OpenList(null);
        }
        else if (flush)
        {
            Pump();
        }
    }

    /// <summary>The session's own user switched sharing: who does not share sees nobody.</summary>
    public void OwnSharingSwitched(bool sharing)
    {
        lock (_gate)
        {
            Reply(Format.Sharing(sharing));
            if (!sharing && _list.IsOpen)
            {
                _list.Open();
                _list.TellAll();
                Reply(Format.Nearby(_list.Number, 1, [], 0, null, null));
                CloseList();
            }
        }

        Pump();
    }

    /// <summary>Starts the list, or starts it over; answered by <c>nearby</c> with <paramref name="reference"/>.</summary>
    /// <returns>False when the user has no location to be around.</returns>
    public bool OpenList(string? reference)
    {
        lock (_gate)
        {
            _wantsList = true;
            if (OwnLocation() is null)
            {
                return false;
            }

            _openingRef = reference ?? _openingRef;
            if (_isOpening)
            {
                return true;
            }

            _isOpening = true;
        }

        _ = OpenListAsync();
        return true;
    }

    /// <summary>Whether <see cref="OpenList"/> was asked for.</summary>
    public bool WantsList
    {
        get
        {
            lock (_gate)
            {
                return _wantsList;
            }
        }
    }

    /// <summary>Shows friends within another radius, in metres; an open list starts over.</summary>
    /// <returns>False when the list should start over but the user has no location to be around.</returns>
    public bool SetRadius(int metres, string? reference)
    {
        bool reopen;
        lock (_gate)
        {
            _list.RadiusMetres = metres;
            reopen = _wantsList && !_isInBackground;
        }

        return !reopen || OpenList(reference);
    }

    /// <summary>No pushes until <see cref="Foreground"/>.</summary>
    public void Background()
    {
        lock (_gate)
        {
            _isInBackground = true;
            CloseList();
        }
    }

    /// <summary>Pushes again, beginning with a new list; false when there is no location to be around.</summary>
    public bool Foreground(string? reference)
    {
        lock (_gate)
        {
            _isInBackground = false;
        }

        return OpenList(reference);
    }

    /// <summary>Whether the session left the gateway's index.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _isClosed;
            }
        }
    }

    /// <summary>Leaves the gateway's index; returns whom it watched. The transport is closed by its owner.</summary>
    public long[] Leave()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return [];
            }

            _isClosed = true;
            long[] watched = [UserId, .. _friends.UserIds()];
            _list.Close();
            for (var i = 0; i < _friends.Count; i++)
            {
                _friends.Remove(i, this);
            }

            _context.Index.Unwatch(_selfHandle, this, Self);
            _context.Index.Leave(Number);
            return watched;
        }
    }

    /// <summary>Pushes nothing until the next list; pages of this one are over.</summary>
    private void CloseList()
    {
        _list.Close();
        _toldTimes = null;
        _snapshot = null;
    }

    /// <summary>Where the user is; null when hidden, inactive, or not heard of.</summary>
    private Location? OwnLocation()
    {
        var own = Own.Read();
        return own.IsSharing && _context.Presence.IsPresent(own, _context.Now) ? own.Location : null;
    }

    /// <summary>Tests every friend from another place; true if there is something to tell. Under the lock.</summary>
    private bool MoveCentre(in Location own)
    {
        // Compared with where distances were last told from: many small steps are a walk too.
        var position = own.Position;
        var changed = _toldCentre.ChordSquared(position) > StoodStillChord;
        if (changed)
        {
            _toldCentre = position;
            _toldTimes?.Clear(); // all are told again, for their distances
        }

        _list.Centre = own;
        return TestAll(changed);
    }

    private bool TestAll(bool changed)
    {
        var now = _context.Now;
        for (var i = 0; i < _friends.Count; i++)
        {
            if (_friends.LocationOf(i) is { } location)
            {
                TestOne(i, location, changed, now);
            }
        }

        return _list.WaitingCount > 0;
    }

    private bool TestOne(int friend, FriendLocation location, bool changed, long now)
    {
        var tell = false;
        int sequence;
        do
        {
            var state = location.Read(out sequence);
            tell |= _list.Test(friend, _context.Presence.IsPresent(state, now) ? state.Location : null, changed);
        }
        while (_list.IsInside(friend) && location.HasMovedSince(sequence)); // see NearbyList.IsClearlyOutside

        return tell;
    }
}
