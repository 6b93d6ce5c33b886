using System.Security.Cryptography;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Strangers;
using NearbyFriends.Gateway.Watching;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// One connection of one user: which friends it watches, what its client was told, and what it must be told next.
/// </summary>
/// <remarks>
/// Every change happens under the session's lock, for a fraction of a microsecond. What the client is to be told of friends
/// gathers in the <see cref="NearbyList"/>, at most one entry for each friend; everything that leaves goes through the
/// <see cref="Outbox"/>, which has a lock of its own and holds none while it sends.
/// </remarks>
public sealed class Session : IWatchingSession, IStrangerViewer
{
    private readonly Lock _gate = new();
    private readonly SessionContext _context;
    private readonly SessionFriends _friends;
    private readonly SessionList _list;
    private readonly Outbox _outbox;
    private readonly int _selfHandle;
    private Task _friendChange = Task.CompletedTask;
    private bool _wantsList;
    private bool _isInBackground;
    private bool _isOpening;
    private bool _isClosed;
    private bool _askedForNames;
    private bool _isAskingForNames;
    private string? _openingRef;

    public Session(long userId, IReadOnlyCollection<long> friends, long friendsVersion, SessionContext context, Transport transport)
    {
        Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        (UserId, FriendsVersion, Format, _context) = (userId, friendsVersion, transport.Format, context);
        _outbox = new Outbox(transport, context, WriteChanges);
        _friends = new SessionFriends(context.Index, friends.Count);
        _list = new SessionList(_friends, friends.Count, Format, context);
        Number = context.Index.Enter(this);
        HeardAt = context.Clock.GetTimestamp();
        _selfHandle = context.Index.Watch(userId, this, Watcher.Self);
        Own = context.Index.Find(userId)!;
        foreach (var friend in friends)
        {
            _friends.Add(friend, this);
        }
    }

    /// <summary>Names the connection; random, unrelated to the user.</summary>
    public string Id { get; }

    public long UserId { get; }

    public int Number { get; }

    /// <summary>How its messages are written.</summary>
    public MessageFormat Format { get; }

    /// <summary>The user's own location, shared by all its sessions on this gateway.</summary>
    public FriendLocation Own { get; }

    /// <summary>Where the user is; null when hidden, inactive, or not heard of.</summary>
    public Location? OwnLocation =>
        Own.Read() is { IsSharing: true } own && _context.Presence.IsPresent(own, _context.Now) ? own.Location : null;

    /// <summary>Unix milliseconds at which the client's token ends.</summary>
    public long TokenExpiresAt { get; set; } = long.MaxValue;

    /// <summary>The user's sharing version when the session's friends were loaded: a lock of an earlier version is over.</summary>
    public long SharingVersion { get; set; }

    /// <summary>Unix milliseconds at which the user began to share again; 0 if it never paused. Points dated before are not taken.</summary>
    public long SharingSince { get; set; }

    public StrangerConsent StrangerConsent { get; init; } = new(0);

    public StrangerWatch? Strangers { get; set; }

    /// <summary>The user's friends version that the session's friends reflect.</summary>
    public long FriendsVersion { get; private set; }

    /// <summary>Friends it watches, those that were lost since it opened included.</summary>
    public int FriendCount => _friends.Count;

    /// <summary>When the client said something last, or connected: ticks of the monotonic clock, for two sessions are heard of within a millisecond.</summary>
    public long HeardAt { get; private set; }

    /// <summary>Radius in metres.</summary>
    public int RadiusMetres => _list.RadiusMetres;

    /// <summary>Least milliseconds between two <c>friends</c> messages.</summary>
    public long FlushEveryMs
    {
        get => _outbox.FlushEveryMs;
        set => _outbox.FlushEveryMs = value;
    }

    public bool IsReadyForMore => IsInForeground && !_outbox.IsBusy;

    /// <summary>Whether somebody looks at what the client shows, as far as the client says.</summary>
    public bool IsInForeground => !Volatile.Read(ref _isInBackground);

    /// <summary>Whether a list was asked for.</summary>
    public bool WantsList => Volatile.Read(ref _wantsList);

    /// <summary>Whether the session left the gateway's index.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>The client said something.</summary>
    public void Heard() => HeardAt = _context.Clock.GetTimestamp();

    public void Touch(int friend) => _list.Touch(friend);

    public bool FriendMoved(int friend, FriendLocation location, in Location moved) =>
        (_friends.IsLimited(friend) || !_list.IsClearlyOutside(friend, moved)) && FriendChanged(friend, location);

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
            flush = _list.Test(friend, location) && _outbox.RequestFlush();
            isInside = _list.IsInside(friend);
        }

        if (flush)
        {
            _outbox.Pump();
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
            if (OwnLocation is not { } own)
            {
                return;
            }

            if (_list.IsOpen)
            {
                flush = _list.MoveTo(own) && _outbox.RequestFlush();
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
            _outbox.Pump();
        }
    }

    /// <summary>The session's own user switched sharing, or its end: who does not share sees nobody.</summary>
    public void OwnSharingSwitched(bool sharing, long until)
    {
        lock (_gate)
        {
            _outbox.Enqueue(Format.Sharing(sharing, until));
            if (!sharing && (_list.IsOpen || (_isOpening && !_isInBackground)))
            {
                _outbox.Enqueue(_list.OpenEmpty(_openingRef));
                _openingRef = null;
                _list.Close();
            }
        }

        _outbox.Pump();
    }

    /// <summary>Sends a message as soon as those before it are gone.</summary>
    public void Send(MessageBuffer message) => _outbox.Send(message);

    /// <summary>Sends a message, and calls <paramref name="whenReceived"/> once the client was heard of after it was sent; never on a way without answers.</summary>
    public void Send(MessageBuffer message, Action whenReceived) => _outbox.Send(message, whenReceived);

    /// <summary>Starts the list, or starts it over; answered by <c>nearby</c> with <paramref name="reference"/>.</summary>
    /// <returns>False when the user has no location to be around.</returns>
    public bool OpenList(string? reference)
    {
        lock (_gate)
        {
            _wantsList = true;
            if (OwnLocation is null)
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

    /// <summary>Sends the page that <paramref name="cursor"/> names; false when it names none, or none any more.</summary>
    public async Task<bool> SendPageAsync(string cursor, string? reference)
    {
        if (PageCursor.TryParse(cursor) is not { } at)
        {
            return false;
        }

        List<FriendLocation>? nameless;
        lock (_gate)
        {
            if (!_list.HasPage(at))
            {
                return false;
            }

            nameless = _list.NamelessOf(at);
        }

        await EnsureNamesAsync(nameless);
        lock (_gate)
        {
            if (!_list.HasPage(at))
            {
                return false;
            }

            _outbox.Enqueue(_list.Page(at, reference));
        }

        _outbox.Pump();
        return true;
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
            _list.Close();
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

    /// <summary>The ids of all friends, now.</summary>
    public long[] FriendIds()
    {
        lock (_gate)
        {
            return [.. _friends.UserIds()];
        }
    }

    /// <summary>Watches one more friend; the caller has subscribed to the friend's channel.</summary>
    /// <param name="userId">The friend.</param>
    /// <param name="sees">What the friend shows this user.</param>
    /// <returns>False when the user is watched already, or the session ended.</returns>
    public bool AddFriend(long userId, FriendVisibility sees = default)
    {
        lock (_gate)
        {
            if (_isClosed || _friends.NumberOf(userId) >= 0)
            {
                return false;
            }

            _friends.SetVisibility(_friends.Add(userId, this), sees);
            return true;
        }
    }

    /// <summary>Tells the client of a new friend whose location, if there is one, has been read.</summary>
    public void AnnounceFriend(FriendLocation location)
    {
        lock (_gate)
        {
            _outbox.Enqueue(Format.FriendAdded(location.UserId, location.DisplayName ?? ""));
            if (_friends.NumberOf(location.UserId) is >= 0 and var friend && _list.TestAgain(friend, location))
            {
                _outbox.RequestFlush();
            }
        }

        _outbox.Pump();
    }

    /// <summary>Stops watching a former friend; true if it was one.</summary>
    public bool RemoveFriend(long userId, bool tellClient)
    {
        lock (_gate)
        {
            var friend = _friends.NumberOf(userId);
            if (friend < 0)
            {
                return false;
            }

            _list.Remove(friend, userId);
            _friends.Remove(friend, this);
            if (tellClient)
            {
                _outbox.Enqueue(Format.FriendRemoved(userId));
            }

            _outbox.RequestFlush();
        }

        _outbox.Pump();
        return true;
    }

    /// <summary>What a friend shows this user from now on; what the client has of the friend is replaced. No effect if it is no friend.</summary>
    public void SetVisibility(long userId, FriendVisibility sees)
    {
        lock (_gate)
        {
            var friend = _friends.NumberOf(userId);
            if (friend < 0 || !_friends.SetVisibility(friend, sees))
            {
                return;
            }

            TellAgain(friend);
        }

        _outbox.Pump();
    }

    /// <summary>What each friend shows this user: all of it, but for those named here.</summary>
    public void SetVisibilities(IReadOnlyDictionary<long, FriendVisibility> sees)
    {
        long[] limited;
        lock (_gate)
        {
            limited = [.. _friends.LimitedUserIds()];
        }

        foreach (var userId in limited.Union(sees.Keys))
        {
            SetVisibility(userId, sees.GetValueOrDefault(userId));
        }
    }

    /// <summary>Tells the client of the friends who show it something else since the end of what they showed has come.</summary>
    public void EndVisibilities()
    {
        var now = _context.Now;
        if (_friends.NextVisibilityEnd > now)
        {
            return;
        }

        lock (_gate)
        {
            foreach (var friend in _friends.EndVisibilities(now))
            {
                TellAgain(friend);
            }
        }

        _outbox.Pump();
    }

    /// <summary>The friends that the session has are those of this version.</summary>
    public void SetFriendsVersion(long friendsVersion)
    {
        lock (_gate)
        {
            FriendsVersion = friendsVersion;
        }
    }

    /// <summary>
    /// Runs changes of the session's friends one after the other: each waits for the database or the cache, and what a
    /// later one takes away an earlier one must not bring back.
    /// </summary>
    /// <param name="change">Must not throw.</param>
    public Task ChangeFriendsAsync(Func<Task> change)
    {
        lock (_gate)
        {
            return _friendChange = RunAfterAsync(_friendChange, change);
        }

        static async Task RunAfterAsync(Task before, Func<Task> change)
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // a fault of one must not end those that follow
            await change();
        }
    }

    /// <summary>Whether its client takes nothing: one message has been under way since before <paramref name="since"/> (milliseconds of the monotonic clock), or too many wait.</summary>
    public bool IsStuck(long since) => _outbox.IsStuck(since);

    /// <summary>Called every second: keeps the connection alive, or gives it up.</summary>
    public void KeepAlive() => _outbox.KeepAlive();

    /// <summary>Forgets what only the next moments need, if the last flush was before <paramref name="since"/> (Unix milliseconds) and nothing waits for another.</summary>
    public void Rest(long since)
    {
        lock (_gate)
        {
            _list.Rest(since);
        }
    }

    /// <summary>Closes the connection with a code, once; its owner then calls <see cref="Leave"/>.</summary>
    /// <param name="code">The close code.</param>
    /// <param name="reason">For people.</param>
    /// <param name="last">A message that the client must have before the code; it takes the place of all that wait.</param>
    public Task CloseAsync(int code, string reason, MessageBuffer? last = null) => _outbox.CloseConnectionAsync(code, reason, last);

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
            _outbox.Close();
            for (var i = 0; i < _friends.Count; i++)
            {
                _friends.Remove(i, this);
            }

            _context.Index.Unwatch(_selfHandle, this, Watcher.Self);
            _context.Index.Leave(Number);
            return watched;
        }
    }

    private async Task OpenListAsync()
    {
        List<FriendLocation>? nameless;
        lock (_gate)
        {
            nameless = OwnLocation is { } centre ? _list.NamelessAround(centre) : null;
        }

        await EnsureNamesAsync(nameless);
        lock (_gate)
        {
            _isOpening = false;
            if (!_isClosed && !_isInBackground && OwnLocation is { } centre)
            {
                _outbox.Enqueue(_list.Open(centre, _openingRef));
            }

            _openingRef = null;
        }

        _outbox.Pump();
    }

    /// <summary>Writes the changes that wait into the outbox; who came into sight is told with a name, so the flush may have to wait for one.</summary>
    private void WriteChanges()
    {
        lock (_gate)
        {
            if (_isClosed || _isAskingForNames || !_list.HasChanges)
            {
                return;
            }

            if (!_askedForNames && _list.Nameless() is { } nameless)
            {
                _isAskingForNames = true;
                _ = FlushWithNamesAsync(nameless);
                return;
            }

            _askedForNames = false;
            if (_list.Changes() is { } message)
            {
                _outbox.EnqueueFlush(message);
            }
        }
    }

    /// <summary>The flush continues without the names that cannot be read.</summary>
    private async Task FlushWithNamesAsync(List<FriendLocation> nameless)
    {
        await _context.Names.EnsureAsync(nameless);
        lock (_gate)
        {
            _isAskingForNames = false;
            _askedForNames = true;
        }

        _outbox.FlushDue();
    }

    /// <summary>The client hears of a friend again whom it sees differently now. Under the lock.</summary>
    private void TellAgain(int friend)
    {
        if (_list.IsOpen && _friends.LocationOf(friend) is { } location && _list.TestAgain(friend, location))
        {
            _outbox.RequestFlush();
        }
    }

    private Task EnsureNamesAsync(List<FriendLocation>? nameless) =>
        nameless is null ? Task.CompletedTask : _context.Names.EnsureAsync(nameless);
}
