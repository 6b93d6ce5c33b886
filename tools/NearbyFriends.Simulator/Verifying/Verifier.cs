using NearbyFriends.Client.Lists;

namespace NearbyFriends.Simulator.Verifying;

/// <summary>One person of a run: what it sent, and what it saw.</summary>
/// <param name="Id">User id.</param>
/// <param name="Name">As the recording names it.</param>
/// <param name="Friends">Indexes of its friends among the people of the run.</param>
/// <param name="Sent">Its updates, in order of time; empty for somebody who stayed offline.</param>
/// <param name="Seen">What its list went through.</param>
/// <param name="Final">Its list at <paramref name="FinalAt"/>.</param>
/// <param name="FinalAt">Unix milliseconds; two settling times or more after the last update of anybody.</param>
public sealed record Witness(
    long Id, string Name, IReadOnlyList<int> Friends, SentPoint[] Sent, Observations Seen, IReadOnlyList<NearbyFriend> Final, long FinalAt);

/// <summary>What the comparison found.</summary>
/// <param name="Watchers">People whose lists were compared.</param>
/// <param name="Entries">Entries of final lists that are as they ought to be.</param>
/// <param name="Stretches">Spans, longer than two flushes, of a friend ought to be shown or hidden, that were looked at.</param>
/// <param name="Reports">Single updates whose place, time and distance were checked.</param>
/// <param name="Late">Of the stretches, those to which the list came late, but did, and then stayed.</param>
/// <param name="LatestBy">By how much at most, milliseconds.</param>
/// <param name="Wrong">Shown but ought not to be, or with other data.</param>
/// <param name="Missing">Ought to be shown but was not.</param>
/// <param name="Ties">Left out: decided within one flush, at the radius's edge, or while a connection was down.</param>
/// <param name="Findings">The first of what is wrong or missing, in words.</param>
public sealed record Verdict(
    int Watchers, int Entries, int Stretches, int Reports, int Late, long LatestBy, int Wrong, int Missing, int Ties, IReadOnlyList<string> Findings)
{
    public bool IsClean => Wrong == 0 && Missing == 0;

    public override string ToString() => $"verified: {Watchers} watchers, {Entries} list entries, {Wrong} wrong, {Missing} missing, {Ties} ties left out";
}

/// <summary>Compares what every watcher saw with what it ought to have seen, by brute force over all that was sent.</summary>
public sealed class Verifier(ListRules rules)
{
    private const double ToleranceMetres = 1;
    private const int MaxFindings = 20;

    /// <summary>A busy machine may take so many settling times more; what comes later never came.</summary>
    private const int MaxLateSettles = 2;

    /// <summary>Milliseconds within which an update has been applied everywhere and flushed, on a busy machine, too.</summary>
    private readonly long _latest = (1 + MaxLateSettles) * rules.Settle;

    private readonly PairModel _model = new(rules);
    private readonly List<string> _findings = [];
    private int _watchers;
    private int _entries;
    private int _stretches;
    private int _reports;
    private int _late;
    private long _latestBy;
    private int _wrong;
    private int _missing;
    private int _ties;

    /// <summary>Compares everything; a verifier is used once.</summary>
    public Verdict Verify(IReadOnlyList<Witness> people)
    {
        foreach (var watcher in people)
        {
            if (watcher.Sent.Length == 0)
            {
                continue;
            }

            _watchers++;
            var friends = watcher.Friends.Select(index => people[index]).ToDictionary(friend => friend.Id);
            VerifyStrangers(watcher, friends);
            VerifyReports(watcher, friends);
            foreach (var friend in friends.Values)
            {
                var expected = _model.Stretches(watcher.Sent, friend.Sent, watcher.FinalAt);
                VerifyStretches(watcher, friend, expected);
                VerifyFinal(watcher, friend, expected);
            }
        }

        return new(_watchers, _entries, _stretches, _reports, _late, _latestBy, _wrong, _missing, _ties, _findings);
    }

    /// <summary>Nobody but friends is ever shown.</summary>
    private void VerifyStrangers(Witness watcher, Dictionary<long, Witness> friends)
    {
        foreach (var id in watcher.Seen.Friends.Where(id => !friends.ContainsKey(id)))
        {
            Wrong($"{watcher.Name} was shown user {id}, who is no friend");
        }
    }

    /// <summary>Each update names a place and time that the friend sent, newer than before, at the right distance.</summary>
    private void VerifyReports(Witness watcher, Dictionary<long, Witness> friends)
    {
        var newest = new Dictionary<long, long>();
        foreach (var report in watcher.Seen.Reports)
        {
            if (!friends.TryGetValue(report.Friend, out var friend))
            {
                continue;
            }

            _reports++;
            var at = Array.FindIndex(friend.Sent, point => point.Time == report.Time);
            if (at < 0 || friend.Sent[at].Place != report.Place)
            {
                Wrong($"{watcher.Name} was told a place of {friend.Name} at {report.Time} that {friend.Name} did not send");
            }
            else if (newest.GetValueOrDefault(report.Friend) > report.Time)
            {
                Wrong($"{watcher.Name} was told of {friend.Name} at {report.Time} after {newest[report.Friend]}");
            }
            else if (!IsDistanceOfThen(watcher, report))
            {
                Wrong($"{watcher.Name} was told {friend.Name} at {report.Time} is {report.Distance:0.0} m away; by no place of its own of then");
            }

            newest[report.Friend] = Math.Max(report.Time, newest.GetValueOrDefault(report.Friend));
        }
    }

    private bool IsDistanceOfThen(Witness watcher, in Report report)
    {
        for (var i = watcher.Sent.Length - 1; i >= 0; i--)
        {
            if (watcher.Sent[i].SentAt > report.ReceivedAt)
            {
                continue;
            }

            if (Math.Abs(Sphere.Metres(watcher.Sent[i].Place, report.Place) - report.Distance) <= ToleranceMetres)
            {
                return true;
            }

            // This place was applied when the update came, so no place that was sent before it counted any more.
            if (watcher.Sent[i].SentAt < report.ReceivedAt - _latest)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Wherever the outcome is certain, the list agrees with it the whole time.</summary>
    private void VerifyStretches(Witness watcher, Witness friend, List<Stretch> expected)
    {
        var toggles = watcher.Seen.TogglesOf(friend.Id);
        for (var i = 0; i < expected.Count; i++)
        {
            var stretch = expected[i];
            if (stretch.Expected == Expected.Either)
            {
                _ties += IsCrossing(expected, i) ? 0 : 1;
                continue;
            }

            if (IsDisturbed(watcher, stretch) || IsDisturbed(friend, stretch))
            {
                _ties++;
                continue;
            }

            // Nothing can be shown before the first list came.
            var opened = watcher.Seen.OpenedAt is { } at ? at + rules.Settle : stretch.From;
            stretch = stretch with { From = Math.Max(stretch.From, opened) };
            if (stretch.From >= stretch.To)
            {
                continue;
            }

            _stretches++;
            var shown = stretch.Expected == Expected.Shown;
            var lateBy = LateBy(toggles, stretch, shown);
            if (lateBy <= MaxLateSettles * rules.Settle)
            {
                _late += lateBy > 0 ? 1 : 0;
                _latestBy = Math.Max(_latestBy, lateBy.Value);
                continue;
            }

            var what = $"{friend.Name} to {watcher.Name} from {stretch.From} to {stretch.To}{(lateBy is null ? "" : $", {lateBy} ms late")}";
            if (shown)
            {
                Missing($"not shown: {what}");
            }
            else
            {
                Wrong($"shown: {what}");
            }
        }
    }

    /// <summary>The final list holds the friend if it ought to, with the data of the friend's last update.</summary>
    private void VerifyFinal(Witness watcher, Witness friend, List<Stretch> expected)
    {
        var last = friend.Sent.LastOrDefault();
        var outcome = expected.Count > 0 ? expected[^1].Expected : Expected.Hidden;
        if (outcome == Expected.Either || (friend.Sent.Length > 0 && Math.Abs(last.Time + rules.InactiveAfter - watcher.FinalAt) <= rules.Settle))
        {
            _ties++;
            return;
        }

        var entry = watcher.Final.Cast<NearbyFriend?>().FirstOrDefault(entry => entry!.Value.Id == friend.Id);
        switch (outcome, entry)
        {
            case (Expected.Shown, null):
                Missing($"{friend.Name} is not in the final list of {watcher.Name}");
                break;
            case (Expected.Hidden, not null):
                Wrong($"{friend.Name} is in the final list of {watcher.Name}");
                break;
            case (Expected.Shown, { } shown):
                var metres = Sphere.Metres(watcher.Sent[^1].Place, last.Place);
                if (shown.Time != last.Time || Math.Abs(shown.Distance - metres) > ToleranceMetres)
                {
                    Wrong($"{friend.Name} in the final list of {watcher.Name}: time {shown.Time}, {shown.Distance:0.0} m instead of {last.Time}, {metres:0.0} m");
                }
                else
                {
                    _entries++;
                }

                break;
            default:
                break;
        }
    }

    /// <summary>
    /// Whether an uncertain stretch is the time of a change, both sides of which are certain and compared; else it came to
    /// nothing, and was decided by the order of things within a flush. (The last is judged with the final list.)
    /// </summary>
    private static bool IsCrossing(List<Stretch> expected, int i) =>
        i + 1 == expected.Count || (i > 0 ? expected[i - 1].Expected : Expected.Hidden) != expected[i + 1].Expected;

    /// <summary>Whether a connection was down in this stretch, or shortly before it.</summary>
    private bool IsDisturbed(Witness person, in Stretch stretch)
    {
        foreach (var (from, to) in person.Seen.Outages)
        {
            var over = to > long.MaxValue - (2 * rules.Settle) ? to : to + (2 * rules.Settle);
            if (from < stretch.To && stretch.From < over)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// How long into the stretch the list came to agree with it, in milliseconds, 0 if it did from the beginning; null if
    /// it never did, or not to the end.
    /// </summary>
    private static long? LateBy(IReadOnlyList<Toggle> toggles, in Stretch stretch, bool shown)
    {
        var first = 0;
        while (first < toggles.Count && toggles[first].At <= stretch.From)
        {
            first++;
        }

        long? agreedAt = (first > 0 && toggles[first - 1].Shown) == shown ? stretch.From : null;
        for (var i = first; i < toggles.Count && toggles[i].At < stretch.To; i++)
        {
            if (agreedAt is not null)
            {
                return null; // it agreed, and then no longer
            }

            agreedAt = toggles[i].At;
        }

        return agreedAt - stretch.From;
    }

    private void Wrong(string finding)
    {
        _wrong++;
        Note(finding);
    }

    private void Missing(string finding)
    {
        _missing++;
        Note(finding);
    }

    private void Note(string finding)
    {
        if (_findings.Count < MaxFindings)
        {
            _findings.Add(finding);
        }
    }
}
