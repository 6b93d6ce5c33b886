using System.Runtime.InteropServices;
using NearbyFriends.Core;
using NearbyFriends.Gateway.Protocol;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>What leaves a session: answers in order, and one <c>friends</c> message a flush.</summary>
public sealed partial class Session
{
    /// <summary>Answers that may wait for a slow client; a client that asks on without reading is cut off.</summary>
    private const int MaxReplies = 256;

    /// <summary>Milliseconds that an update may have been under way when the flush before was taken.</summary>
    private const int UnderWay = 1_000;

    private readonly Queue<MessageBuffer> _replies = new(4);
    private readonly List<(long UserId, bool Away)> _left = [];
    private Dictionary<int, long>? _removed;
    private Dictionary<int, long>? _toldTimes; // since distances were last told: few, of whom the user is near
    private long _flushEveryMs;
    private long _lastFlush;
    private long _toldAt; // the list, or the last flush of it: Unix milliseconds
    private bool _isFlushScheduled;
    private bool _isFlushDue;
    private bool _isSending;
    private bool _isClosed;
    private int _isClosing;
    private bool _askedForNames;
    private bool _isAskingForNames;
    private long _sendingSince;

    /// <summary>Chooses how often <c>friends</c> messages may come, in milliseconds.</summary>
    public void SetPace(long flushEveryMs)
    {
        lock (_gate)
        {
            _flushEveryMs = flushEveryMs;
        }
    }

    /// <summary>Sends a message as soon as those before it are gone.</summary>
    public void Send(MessageBuffer message)
    {
        lock (_gate)
        {
            Reply(message);
        }

        Pump();
    }

    /// <summary>The wheel says that the pace allows a flush.</summary>
    public void FlushDue()
    {
        lock (_gate)
        {
            _isFlushScheduled = false;
            _isFlushDue = true;
        }

        Pump();
    }

    /// <summary>Whether one message has been under way since before <paramref name="since"/> (Unix milliseconds).</summary>
    public bool IsStuck(long since)
    {
        lock (_gate)
        {
            return (_isSending && _sendingSince < since) || _replies.Count > MaxReplies;
        }
    }

    /// <summary>Forgets what only the next moments need, if the last flush was before <paramref name="since"/> (Unix milliseconds) and nothing waits for another.</summary>
    public void Rest(long since)
    {
        lock (_gate)
        {
            if (_toldTimes is not null && _toldAt < since && _list.WaitingCount == 0)
            {
                _toldTimes = null;
                _list.Rest();
            }
        }
    }

    /// <summary>Closes the connection with a code, once; its owner then calls <see cref="Leave"/>.</summary>
    public Task CloseAsync(int code, string reason)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) != 0)
        {
            return Task.CompletedTask;
        }

        SessionTelemetry.Closed.Add(1, new KeyValuePair<string, object?>("code", code));
        return _transport.CloseAsync(code, reason);
    }

    private void Reply(MessageBuffer message)
    {
        if (_isClosed)
        {
            message.Dispose();
            return;
        }

        _replies.Enqueue(message);
    }

    /// <summary>Whether the outbox may leave now; if not, it is scheduled. Under the lock.</summary>
    private bool ShouldFlushNow()
    {
        if (_isFlushScheduled || _isFlushDue)
        {
            return _isFlushDue;
        }

        var now = _context.Now;
        var dueAt = _lastFlush + _flushEveryMs;
        if (dueAt <= now)
        {
            _isFlushDue = true;
            return true;
        }

        _isFlushScheduled = true;
        _context.Flushes.Add(this, dueAt);
        return false;
    }

    /// <summary>Sends what there is, one message after the other, without waiting for a socket that is not ready.</summary>
    private void Pump()
    {
        while (Next() is { } message)
        {
            ValueTask sending;
            try
            {
                sending = _transport.SendAsync(message);
            }
            catch (Exception)
            {
                Sent(message, failed: true);
                return;
            }

            if (!sending.IsCompletedSuccessfully)
            {
                _ = FinishAsync(sending, message);
                return;
            }

            Sent(message, failed: false);
        }
    }

    private async Task FinishAsync(ValueTask sending, MessageBuffer message)
    {
        var failed = false;
        try
        {
            await sending;
        }
        catch (Exception)
        {
            failed = true; // the connection is gone; its receiving side notices and ends the session
        }

        Sent(message, failed);
        if (!failed)
        {
            Pump();
        }
    }

    /// <summary>The next message to send, if none is under way.</summary>
    private MessageBuffer? Next()
    {
        lock (_gate)
        {
            if (_isSending || _isClosed)
            {
                return null;
            }

            var next = _replies.TryDequeue(out var reply) ? reply : _isFlushDue ? TakeFlush() : null;
            if (next is not null)
            {
                _isSending = true;
                _sendingSince = _context.Now;
            }

            return next;
        }
    }

    private void Sent(MessageBuffer message, bool failed)
    {
        if (!failed)
        {
            SessionTelemetry.Messages.Add(1);
            if (message.OldestReceivedAt > 0)
            {
                var seconds = Math.Max(0, (_context.Clock.UnixMicroseconds() - message.OldestReceivedAt) / 1e6);
                SessionTelemetry.FanoutLatency.Record(seconds, SessionTelemetry.ToSocket);
                _context.Figures.Sent(seconds);
            }
        }

        message.Dispose();
        lock (_gate)
        {
            _isSending = failed; // nothing more leaves through a broken connection
        }
    }

    /// <summary>The outbox as a message; null when there is nothing to tell after all. Under the lock.</summary>
    private MessageBuffer? TakeFlush()
    {
        _isFlushDue = false;
        if (!_list.IsOpen || _list.WaitingCount == 0 || _isAskingForNames)
        {
            return null;
        }

        if (!_askedForNames && Nameless() is { } nameless)
        {
            _isAskingForNames = true;
            _ = FlushWithNamesAsync(nameless);
            return null;
        }

        _askedForNames = false;
        _lastFlush = _context.Now;
        var newSince = (_toldAt - UnderWay) * 1_000;
        _toldAt = _lastFlush;
        var message = Format.BeginFriends(_list.Number, _list.Total);
        var moved = 0;
        foreach (var friend in _list.TakeWaiting())
        {
            var location = _friends.LocationOf(friend);
            switch (_list.Tell(friend))
            {
                case ListChange.Moved:
                    var state = location!.Read();
                    var isNew = !_list.IsNamed(friend);
                    if (!IsNews(friend, state.Location.Time) && !isNew)
                    {
                        break;
                    }

                    Format.Moved(message, Entry(location, state, isNew), first: moved++ == 0);
                    if (state.ReceivedAt >= newSince) // else the user moved, not the friend: no latency of an update
                    {
                        message.OldestReceivedAt = Oldest(message.OldestReceivedAt, state.ReceivedAt);
                    }

                    if (isNew && location.DisplayName is not null)
                    {
                        _list.SetNamed(friend);
                    }

                    break;
                case ListChange.Left:
                    _toldTimes?.Remove(friend);
                    _left.Add((location?.UserId ?? _removed![friend], Away: location is not null && IsAway(location)));
                    break;
                case ListChange.None:
                    break;
            }
        }

        if (moved == 0 && _left.Count == 0)
        {
            message.Dispose();
            return null;
        }

        Format.EndFriends(message, _left);
        _left.Clear();
        return message;
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

    /// <summary>Who is to be told with a name that is not here yet; null when nobody is.</summary>
    private List<FriendLocation>? Nameless()
    {
        List<FriendLocation>? nameless = null;
        foreach (var friend in _list.Waiting)
        {
            if (_list.IsInside(friend) && !_list.IsNamed(friend) && _friends.LocationOf(friend) is { DisplayName: null } location)
            {
                (nameless ??= []).Add(location);
            }
        }

        return nameless;
    }

    /// <summary>Who came into sight is told with a name: the flush waits for it, and goes on without if it cannot be read.</summary>
    private async Task FlushWithNamesAsync(List<FriendLocation> nameless)
    {
        await _context.Names.EnsureAsync(nameless);
        lock (_gate)
        {
            _isAskingForNames = false;
            _askedForNames = true;
            _isFlushDue = true;
        }

        Pump();
    }

    /// <summary>Away is told of a friend who is active and simply elsewhere; anything else is gone.</summary>
    private bool IsAway(FriendLocation location)
    {
        var state = location.Read();
        return state.IsSharing && _context.Presence.IsPresent(state, _context.Now);
    }

    private static long Oldest(long before, long receivedAt) => before == 0 ? receivedAt : Math.Min(before, receivedAt);
}
