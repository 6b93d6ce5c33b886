namespace NearbyFriends.Gateway.Sessions;

/// <summary>Whom a session watches: friends come and go while it is open.</summary>
public sealed partial class Session
{
    private Task _friendChange = Task.CompletedTask;

    /// <summary>The user's friends version that the session's friends reflect.</summary>
    public long FriendsVersion { get; private set; }

    /// <summary>The ids of all friends, now.</summary>
    public long[] FriendIds()
    {
        lock (_gate)
        {
            return [.. _friends.UserIds()];
        }
    }

    /// <summary>Watches one more friend; the caller has subscribed to the friend's channel.</summary>
    /// <returns>False when the user is watched already, or the session ended.</returns>
    public bool AddFriend(long userId)
    {
        lock (_gate)
        {
            if (_isClosed || _friends.NumberOf(userId) >= 0)
            {
                return false;
            }

            _friends.Add(userId, this);
            return true;
        }
    }

    /// <summary>Tells the client of a new friend whose location, if there is one, has been read.</summary>
    public void AnnounceFriend(FriendLocation location)
    {
        lock (_gate)
        {
            Reply(Format.FriendAdded(location.UserId, location.DisplayName ?? ""));
            var friend = _friends.NumberOf(location.UserId);
            _toldTimes?.Remove(friend); // a flush may have been faster than these words: the client hears of the place after them too
            if (friend >= 0 && TestOne(friend, location, changed: true, _context.Now))
            {
                ShouldFlushNow();
            }
        }

        Pump();
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

            _list.Test(friend, null, changed: false);
            (_removed ??= [])[friend] = userId;
            _friends.Remove(friend, this);
            if (tellClient)
            {
                Reply(Format.FriendRemoved(userId));
            }

            ShouldFlushNow();
        }

        Pump();
        return true;
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
            await before;
            await change();
        }
    }
}
