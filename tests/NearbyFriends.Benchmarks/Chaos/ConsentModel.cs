using System.Collections.Concurrent;

namespace NearbyFriends.Benchmarks.Chaos;

/// <summary>
/// The judge of who may be shown to whom: only friends who both share, and nobody longer than <see cref="Bound"/> after that ended.
/// It knows what those who change consent know: a consent ends when the call that ends it is answered, and begins again when the
/// call is made that begins it. Times are Unix milliseconds of one clock.
/// </summary>
/// <param name="users">How many; from 0 on. All share, and those who are asked about are friends, in the beginning.</param>
/// <param name="journal">
/// When nobody could read the journal, since the database was down: nobody can be told then, and the bound begins when it is back.
/// </param>
internal sealed class ConsentModel(int users, Spans journal)
{
    /// <summary>Within this the end of a consent has reached everybody: the journal's 10 s, and 5 s for the way.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    private static readonly long BoundMs = (long)Bound.TotalMilliseconds;
    private readonly Spans[] _hidden = [.. Enumerable.Range(0, users).Select(_ => new Spans())];
    private readonly ConcurrentDictionary<(int, int), Spans> _apart = [];

    /// <summary>When a user did not share.</summary>
    public Spans Hidden(int user) => _hidden[user];

    /// <summary>When two were no friends.</summary>
    public Spans Apart(int one, int other) => _apart.GetOrAdd((Math.Min(one, other), Math.Max(one, other)), static _ => new());

    /// <summary>Whether <paramref name="watcher"/> should see <paramref name="friend"/>, when no change is under way.</summary>
    public bool ShouldShow(int watcher, int friend) => !Hidden(watcher).Lasts && !Hidden(friend).Lasts && !Apart(watcher, friend).Lasts;

    /// <summary>
    /// Why a message that came at <paramref name="at"/> may not have a location of <paramref name="friend"/> of the time
    /// <paramref name="locatedAt"/>; null if it may.
    /// </summary>
    public string? Objection(int watcher, int friend, long locatedAt, long at)
    {
        foreach (var span in Hidden(friend).All)
        {
            if (locatedAt < span.Begin && at > Deadline(span.Begin))
            {
                return $"it hid {Seconds(at - span.Begin)} ago, and was there {Seconds(span.Begin - locatedAt)} before";
            }
        }

        return ListObjection(watcher, friend, at, gatewayRunsSince: 0);
    }

    /// <summary>
    /// Why a session may not keep <paramref name="friend"/> on its list; null if it may. A gateway that was frozen has the
    /// bound from the moment in which it goes on.
    /// </summary>
    public string? ListObjection(int watcher, int friend, long at, long gatewayRunsSince)
    {
        return Ended(Hidden(friend), "it hid") ?? Ended(Hidden(watcher), "the watcher hid") ?? Ended(Apart(watcher, friend), "they parted");

        string? Ended(Spans spans, string how)
        {
            foreach (var span in spans.All)
            {
                if (span.Has(at) && at > Deadline(Math.Max(span.Begin, gatewayRunsSince)))
                {
                    return $"{how} {Seconds(at - span.Begin)} ago";
                }
            }

            return null;
        }
    }

    /// <summary>Whether a point of this time may not be stored, since its user had hidden.</summary>
    public bool MayNotBeStored(int user, long time)
    {
        foreach (var span in Hidden(user).All)
        {
            if (span.Has(time) && time > Deadline(span.Begin))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Until when the end of a consent has reached everybody.</summary>
    private long Deadline(long ended)
    {
        if (ended == long.MaxValue)
        {
            return ended; // a gateway that stands still
        }

        foreach (var outage in journal.All)
        {
            if (outage.End == long.MaxValue && outage.Begin < ended + BoundMs)
            {
                return long.MaxValue;
            }

            if (outage.End > ended && outage.Begin < ended + BoundMs)
            {
                ended = outage.End;
            }
        }

        return ended + BoundMs;
    }

    private static string Seconds(long milliseconds) => $"{milliseconds / 1_000.0:0.0} s";
}
