using System.Collections.Concurrent;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Gateway.Alerts;
using NearbyFriends.Gateway.Authentication;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Strangers;
using NearbyFriends.Gateway.Telemetry;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>A session that may not open, and the close code that says why.</summary>
public readonly record struct Refusal(int Code, string Reason);

/// <summary>Opens sessions, knows all of them, and ends them.</summary>
public sealed class SessionRegistry
{
    // Two, so that one slow answer does not hold up everybody, and a round trip is under way while sessions of the other are made.
    private const int BatchesAtOnce = 2;
    private const int LargestBatch = 64; // with 400 friends each, 200 KB of an answer

    /// <summary>How long who connects waits for others, if it comes no later than that after another: less than anybody notices.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<Session, byte> _sessions = [];
    private readonly SessionContext _context;
    private readonly IFriendSource _friends;
    private readonly FanoutSubscriber _subscriber;
    private readonly WatchedUsers _watched;
    private readonly WatchedSharing _sharing;
    private readonly AlertWatches _alerts;
    private readonly JournalProgress _journal;
    private readonly Gathering<Opening, (Session? Session, Refusal Refusal)> _opening;

    public SessionRegistry(
        SessionContext context, IFriendSource friends, FanoutSubscriber subscriber, WatchedUsers watched, WatchedSharing sharing, AlertWatches alerts,
        JournalProgress journal)
    {
        _context = context;
        _friends = friends;
        _subscriber = subscriber;
        _watched = watched;
        _sharing = sharing;
        _alerts = alerts;
        _journal = journal;
        _opening = new(OpenTogetherAsync, BatchesAtOnce, LargestBatch, context.Clock)
        {
            Patience = Patience,
            Enough = Math.Clamp(context.Options.ConnectsAtOnce / BatchesAtOnce, 1, LargestBatch), // the others who may connect are in the batch before
        };
        GatewayTelemetry.Meter.CreateObservableUpDownCounter(
            "nearbyfriends.sessions", () => _sessions.Count, "{session}", "Open sessions.");
        GatewayTelemetry.Meter.CreateObservableUpDownCounter(
            "nearbyfriends.watched", () => _context.Index.Count, "{user}", "Users whom a session watches.");
    }

    /// <summary>Open sessions.</summary>
    public int Count => _sessions.Count;

    /// <summary>The sessions open now; those that open or close meanwhile may be among them or not.</summary>
    public IEnumerable<Session> All => _sessions.Select(entry => entry.Key); // not Keys, which copies them all

    /// <summary>
    /// Opens a session: loads the user's friends, watches them, then reads where they are, so that nothing falls
    /// between, and welcomes the client. Those that are asked for at the same time are opened together.
    /// </summary>
    public async Task<(Session? Session, Refusal Refusal)> OpenAsync(Caller caller, Transport transport) =>
        _journal.HasRead
            ? await _opening.AskAsync(new(caller, transport))
            : (null, new(CloseCodes.ServiceRestart, "This gateway does not know yet who hides."));

    /// <summary>Forgets a session whose connection ended.</summary>
    public void Close(Session session)
    {
        if (_sessions.TryRemove(session, out _))
        {
            _subscriber.Unwatch(session.Leave());
            session.Strangers?.Close();
        }
    }

    /// <summary>The newest session wins: of too many, the one that was silent longest is closed, for it is the likeliest to be a forgotten one.</summary>
    private void MakeRoom(Session opening)
    {
        var others = opening.Own.Sessions().Where(session => session != opening).OrderBy(session => session.HeardAt).ToList();
        foreach (var session in others.Take(others.Count + 1 - _context.Options.SessionsPerUser))
        {
            _ = session.CloseAsync(CloseCodes.TooManySessions, "The user has too many sessions; this one was silent longest.");
            Close(session);
        }
    }

    /// <summary>One round trip to the database and one to the cache for all of a batch.</summary>
    private async Task<(Session? Session, Refusal Refusal)[]> OpenTogetherAsync(IReadOnlyList<Opening> openings)
    {
        var asked = _context.Clock.GetTimestamp();
        var users = await _friends.LoadAsync([.. openings.Select(opening => opening.Caller.UserId)], CancellationToken.None);
        if (_context.Clock.GetElapsedTime(asked) > Journal.LongestLoad)
        {
            return [.. openings.Select(_ => Refused(CloseCodes.ServiceRestart, "The user's friends could not be loaded in time."))];
        }

        var opened = new (Session? Session, Refusal Refusal)[openings.Count];
        var entered = new List<Entered>(openings.Count);
        try
        {
            for (var i = 0; i < opened.Length; i++)
            {
                if (users[i] is { Locked: false } user)
                {
                    entered.Add(Enter(openings[i], user));
                    opened[i] = (entered[^1].Session, default);
                }
                else
                {
                    opened[i] = Refused(CloseCodes.UserGone, "There is no such user, or it is locked.");
                }
            }

            await BeginAsync(entered);
            return opened;
        }
        catch
        {
            entered.ForEach(one => Close(one.Session));
            throw;
        }
    }

    private static (Session? Session, Refusal Refusal) Refused(int code, string reason) => (null, new(code, reason));

    private Entered Enter(in Opening opening, UserFriends user)
    {
        var session = new Session(user.Id, user.Friends, user.FriendsVersion, _context, opening.Transport)
        {
            TokenExpiresAt = opening.Caller.TokenExpiresAt,
            SharingVersion = user.Sharing.Version,
            SharingSince = user.Sharing.Since,
            StrangerConsent = new StrangerConsent(user.Sharing.StrangersVersion),
        };
        session.SetVisibilities(user.Sees);
        long[] watched = [user.Id, .. user.Friends];
        var subscribed = _subscriber.WatchAsync(watched); // before anybody can close it, which takes its watching back
        _sessions.TryAdd(session, 0);
        MakeRoom(session);
        _alerts.Want(user);
        return new(session, user, watched, subscribed);
    }

    private async Task BeginAsync(List<Entered> entered)
    {
        await Task.WhenAll(entered.Select(one => one.Subscribed));
        foreach (var (session, user, _, _) in entered)
        {
            _sharing.Switch(session.Own, user.Sharing.Version, user.Sharing.IsOn, user.Sharing.Until, opening: session);
            session.Own.DisplayName ??= user.DisplayName;
        }

        // Together on the wire, and apart in memory: arrays for all of them would be large objects, which only full collections take back.
        var complete = await Task.WhenAll(entered.Select(one => _watched.ReadCacheAsync(one.Watched)));
        foreach (var (session, isComplete) in entered.Select(one => one.Session).Zip(complete))
        {
            session.Send(session.Format.Welcome(WelcomeTo(session)));
            if (!isComplete)
            {
                session.Send(session.Format.Error(
                    ErrorCodes.Partial, "A part of the location cache is unavailable: the list may lack friends until they move.", null, _context.Now));
            }
        }
    }

    private Welcome WelcomeTo(Session session)
    {
        var (now, own) = (_context.Now, session.Own.Read());
        return new(
            session.UserId,
            session.Id,
            own.SharesAt(now),
            session.RadiusMetres,
            _context.Options.PageSize,
            session.FlushEveryMs,
            (long)_context.Options.UpdateEvery.TotalMilliseconds,
            _context.Presence.InactiveAfterMs,
            now)
        {
            SharingUntil = own.SharingUntil,
        };
    }

    /// <summary>A session that is asked for.</summary>
    private readonly record struct Opening(Caller Caller, Transport Transport);

    /// <summary>A session that has begun to watch, and what is left to do for it.</summary>
    /// <param name="Session">The session.</param>
    /// <param name="User">Its user.</param>
    /// <param name="Watched">The user and the friends.</param>
    /// <param name="Subscribed">Ends when frames of all their channels arrive.</param>
    private readonly record struct Entered(Session Session, UserFriends User, long[] Watched, Task Subscribed);
}
