using NearbyFriends.Core;
using NearbyFriends.Gateway.Timing;

namespace NearbyFriends.Gateway.Watching;

/// <summary>
/// Who of the watched users shares, and until when: takes what the journal, frames and the cache say of it, and ends a user's
/// sharing at its end, whether or not anybody says so.
/// </summary>
/// <remarks>
/// Every location travels with its end, in the cache and in frames, so a gateway knows the end of each location that it shows.
/// Readers compare the end with the clock (<see cref="FriendState.SharesAt"/>); this wheel only tells the sessions that it has come.
/// </remarks>
public sealed class WatchedSharing : BackgroundService
{
    private const int Slots = 1024;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private readonly TimeProvider _clock;
    private readonly TimerWheel<(FriendLocation User, long Until)> _ends;

    public WatchedSharing(TimeProvider clock)
    {
        _clock = clock;
        _ends = new((long)Tick.TotalMilliseconds, Slots, clock.MonotonicMilliseconds());
    }

    /// <summary>
    /// Takes a user's sharing if that is newer than what is known here, and tells all sessions but the one that is just opening.
    /// </summary>
    /// <param name="user">The user; looked up before this call.</param>
    /// <param name="sharingVersion">The version that says so.</param>
    /// <param name="sharing">Whether the user shares.</param>
    /// <param name="until">Unix milliseconds at which that ends; 0 for no end. One that lies behind has ended.</param>
    /// <param name="opening">A session of the user itself that is to be told nothing; null for none.</param>
    public void Switch(FriendLocation user, long sharingVersion, bool sharing, long until = 0, IWatchingSession? opening = null)
    {
        var now = _clock.UnixMilliseconds();
        var shares = sharing && (until == 0 || now < until);
        var shared = user.Read().SharesAt(now);
        if (!user.TrySwitchSharing(sharingVersion, shares, until))
        {
            return;
        }

        if (shares && until != 0)
        {
            Track(user, until);
        }

        if (shares || shared)
        {
            Tell(user, shares, until, opening);
        }
    }

    /// <summary>Ends the sharing of those whose end has come. For one caller.</summary>
    public void Turn() => _ends.Advance(_clock.MonotonicMilliseconds(), End);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, _clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Turn();
        }
    }

    private void Track(FriendLocation user, long until) =>
        _ends.Add((user, until), _clock.MonotonicMilliseconds() + Math.Max(0, until - _clock.UnixMilliseconds()));

    private void End((FriendLocation User, long Until) due)
    {
        if (due.User.Watchers.Length == 0 || due.User.Read().SharingUntil != due.Until)
        {
            return; // nobody watches any more, or another end holds
        }

        if (due.User.TryEndSharing(_clock.UnixMilliseconds()))
        {
            Tell(due.User, sharing: false, until: 0, opening: null);
        }
        else
        {
            Track(due.User, due.Until); // the wheel does not reach that far, or the wall clock was set back
        }
    }

    private static void Tell(FriendLocation user, bool sharing, long until, IWatchingSession? opening)
    {
        foreach (var (session, friend) in user.Watchers)
        {
            if (friend != Watcher.Self)
            {
                session.FriendChanged(friend, user);
            }
            else if (session != opening)
            {
                session.OwnSharingSwitched(sharing, until);
            }
        }
    }
}
