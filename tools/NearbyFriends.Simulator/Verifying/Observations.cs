using NearbyFriends.Client;
using NearbyFriends.Client.Lists;

namespace NearbyFriends.Simulator.Verifying;

/// <summary>From this moment on, a list held a friend or did not.</summary>
public readonly record struct Toggle(long At, bool Shown);

/// <summary>What a gateway said about a friend in one update.</summary>
public readonly record struct Report(long Friend, long ReceivedAt, long Time, Place Place, double Distance);

/// <summary>
/// Everything one watcher's list went through, as the client told it: when each friend came and went, each update, and
/// when the list was not to be trusted because the connection was down.
/// </summary>
public sealed class Observations
{
    private readonly Dictionary<long, List<Toggle>> _toggles = [];
    private readonly List<Report> _reports = [];
    private readonly List<(long From, long To)> _outages = [];
    private long? _downSince;

    /// <summary>Follows a client that is not connected yet.</summary>
    public static Observations Of(NearbyClient client)
    {
        var observations = new Observations();
        client.ListChanged += (_, change) => observations.Take(
            EffectiveAt(client, change), change, change.Kind == ListChangeKind.Replaced ? client.List.Friends : []);
        client.Reconnecting += (_, _) => observations.Disturbed(client.Now);
        return observations;
    }

    /// <summary>When the first list came; null if none did.</summary>
    public long? OpenedAt { get; private set; }

    public IReadOnlyList<Report> Reports => _reports;

    /// <summary>When the connection was down, until the next list came.</summary>
    public IReadOnlyList<(long From, long To)> Outages => _downSince is { } since ? [.. _outages, (since, long.MaxValue)] : _outages;

    /// <summary>Whom the list held at any time.</summary>
    public IEnumerable<long> Friends => _toggles.Keys;

    /// <summary>The comings and goings of a friend, in order.</summary>
    public IReadOnlyList<Toggle> TogglesOf(long friend) => _toggles.TryGetValue(friend, out var toggles) ? toggles : [];

    /// <summary>
    /// The connection went, or an update could not be sent when it was due: until the next list, what this user sees, and
    /// what others see of it, is late.
    /// </summary>
    public void Disturbed(long now) => _downSince ??= now;

    /// <summary>Takes a change of the list; <paramref name="list"/> is the whole of it after it was replaced.</summary>
    public void Take(long now, in ListChange change, IReadOnlyList<NearbyFriend> list)
    {
        var friend = change.Friend;
        switch (change.Kind)
        {
            case ListChangeKind.Replaced:
                Replace(now, list);
                break;
            case ListChangeKind.Added or ListChangeKind.Moved:
                Set(friend.Id, now, shown: true);
                if (change.ReportedDistance is { } distance)
                {
                    _reports.Add(new(friend.Id, now, friend.Time, new(friend.Latitude, friend.Longitude), distance));
                }

                break;
            case ListChangeKind.Left:
                Set(friend.Id, now, shown: false);
                break;
            default:
                break;
        }
    }

    // A client tells once a second who became inactive, but its list does not show them from the very moment on.
    private static long EffectiveAt(NearbyClient client, in ListChange change) =>
        change.Reason == LeaveReason.Gone && client.Welcome is { } welcome
            ? Math.Min(client.Now, change.Friend.Time + welcome.InactiveAfterMs)
            : client.Now;

    private void Replace(long now, IReadOnlyList<NearbyFriend> list)
    {
        OpenedAt ??= now;
        if (_downSince is { } since)
        {
            _outages.Add((since, now));
            _downSince = null;
        }

        var shown = list.Select(friend => friend.Id).ToHashSet();
        foreach (var id in _toggles.Keys.Where(id => !shown.Contains(id)).ToList())
        {
            Set(id, now, shown: false);
        }

        foreach (var id in shown)
        {
            Set(id, now, shown: true);
        }
    }

    private void Set(long friend, long now, bool shown)
    {
        if (!_toggles.TryGetValue(friend, out var toggles))
        {
            _toggles[friend] = toggles = [];
        }

        if (toggles.Count == 0 ? shown : toggles[^1].Shown != shown)
        {
            toggles.Add(new(toggles.Count == 0 ? now : Math.Max(now, toggles[^1].At), shown));
        }
    }
}
