namespace NearbyFriends.Simulator.Verifying;

/// <summary>One update as it was really sent.</summary>
/// <param name="SentAt">Unix milliseconds at which it left the client.</param>
/// <param name="Time">Its <c>time</c>, Unix milliseconds.</param>
/// <param name="Place">Where.</param>
public readonly record struct SentPoint(long SentAt, long Time, Place Place);

/// <summary>Whether a watcher's list ought to hold a friend.</summary>
public enum Expected
{
    Hidden,
    Shown,

    /// <summary>Depends on what happened within one flush, or on its order: a tie.</summary>
    Either,
}

/// <summary>A span of time (Unix milliseconds, its end excluded) and what it ought to show.</summary>
public readonly record struct Stretch(long From, long To, Expected Expected);

/// <summary>The rules of the contract that decide who is shown.</summary>
/// <param name="RadiusMetres">Inside this a friend comes into the list; beyond it and a margin of 5 %, at least 25 m, it leaves.</param>
/// <param name="InactiveAfter">Milliseconds after its time at which a location no longer counts.</param>
/// <param name="Settle">
/// Milliseconds within which an update has been applied everywhere and flushed: one flush plus the network's time. What
/// happens within it has no order.
/// </param>
public readonly record struct ListRules(double RadiusMetres, long InactiveAfter, long Settle);

/// <summary>
/// What one watcher's list ought to say about one friend over time, by brute force from what both sent.
/// </summary>
/// <remarks>
/// <para>
/// A gateway looks at a pair whenever either moves, becomes inactive or is flushed. When exactly, and in which order two
/// nearly simultaneous updates arrive, is not determined; so at any moment every place that either had within the last
/// <see cref="ListRules.Settle"/> may be the one that counts. If all combinations agree (inside; outside or inactive;
/// in the margin beyond the radius, where the friend stays what it was) and did so for one whole settling time, the
/// outcome is certain. If they do not, both outcomes that they allow are possible, until combinations agree again.
/// </para>
/// <para>
/// So a friend is expected from two settling times after it came inside for good: "inside for longer than two flushes".
/// Costs updates of both x combinations; nothing is shared with the code of gateway or client.
/// </para>
/// </remarks>
public sealed class PairModel(ListRules rules)
{
    private readonly double _leaveMetres = rules.RadiusMetres + Math.Max(rules.RadiusMetres * 0.05, 25);

    private enum Agreement
    {
        None,
        Inside,
        Outside,
        Between,
    }

    /// <summary>The stretches from the watcher's first update to <paramref name="end"/>, adjoining, equal ones merged.</summary>
    /// <param name="watcher">In order of time.</param>
    /// <param name="friend">In order of time.</param>
    /// <param name="end">Unix milliseconds.</param>
    public List<Stretch> Stretches(ReadOnlySpan<SentPoint> watcher, ReadOnlySpan<SentPoint> friend, long end)
    {
        var stretches = new List<Stretch>();
        if (watcher.IsEmpty || watcher[0].SentAt >= end)
        {
            return stretches;
        }

        var opened = watcher[0].SentAt;
        var own = StaysOf(watcher, forever: true);
        var others = StaysOf(friend, forever: false);
        var (mayBeShown, mayBeHidden) = (false, true);
        var agreement = Agreement.None;
        var agreedSince = opened;
        var moments = Moments(own, others, opened, end);
        for (var i = 0; i + 1 < moments.Count; i++)
        {
            var now = moments[i];
            var (inside, outside, between) = Combine(own, others, now);
            var agrees = (inside, outside, between) switch
            {
                (true, false, false) => Agreement.Inside,
                (false, true, false) => Agreement.Outside,
                (false, false, true) => Agreement.Between,
                _ => Agreement.None,
            };
            if (agrees != agreement)
            {
                (agreement, agreedSince) = (agrees, now);
            }

            if (now - agreedSince >= rules.Settle && agrees is Agreement.Inside or Agreement.Outside)
            {
                (mayBeShown, mayBeHidden) = (agrees == Agreement.Inside, agrees == Agreement.Outside);
            }
            else
            {
                (mayBeShown, mayBeHidden) = (mayBeShown || inside, mayBeHidden || outside);
            }

            Append(stretches, now, moments[i + 1], (mayBeShown, mayBeHidden) switch
            {
                (true, true) => Expected.Either,
                (true, false) => Expected.Shown,
                _ => Expected.Hidden,
            });
        }

        return stretches;
    }

    /// <summary>Which results are possible at this moment.</summary>
    private (bool Inside, bool Outside, bool Between) Combine(List<Stay> own, List<Stay> others, long now)
    {
        var (inside, outside, between) = (false, false, false);
        for (var i = FirstAt(own, now); i < own.Count && own[i].From <= now; i++)
        {
            for (var j = FirstAt(others, now); j < others.Count && others[j].From <= now; j++)
            {
                // The watcher's list is open from its first place on, which the first moment is.
                if (own[i].Place is not { } here)
                {
                    continue;
                }

                var metres = others[j].Place is { } there ? Sphere.Metres(here, there) : double.PositiveInfinity;
                inside |= metres <= rules.RadiusMetres;
                outside |= metres > _leaveMetres;
                between |= metres > rules.RadiusMetres && metres <= _leaveMetres;
            }
        }

        return (inside, outside, between);
    }

    /// <summary>The first stay that still counted within the last settling time.</summary>
    private int FirstAt(List<Stay> stays, long now)
    {
        var (low, high) = (0, stays.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (stays[middle].To > now - rules.Settle)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>Every moment at which a combination comes, goes, or has lasted for a settling time.</summary>
    private List<long> Moments(List<Stay> own, List<Stay> others, long opened, long end)
    {
        var moments = new List<long> { opened, opened + rules.Settle, end };
        foreach (var stay in own.Concat(others))
        {
            moments.AddRange([stay.From, stay.From + rules.Settle, stay.From + (2 * rules.Settle)]);
        }

        moments.RemoveAll(moment => moment < opened || moment > end);
        moments.Sort();
        return [.. moments.Distinct()];
    }

    /// <summary>Where somebody counts as being, without gaps: nowhere before the first update and when inactive.</summary>
    private List<Stay> StaysOf(ReadOnlySpan<SentPoint> points, bool forever)
    {
        var stays = new List<Stay>(points.Length + 1) { new(long.MinValue, points.IsEmpty ? long.MaxValue : points[0].SentAt, null) };
        for (var i = 0; i < points.Length; i++)
        {
            var next = i + 1 < points.Length ? points[i + 1].SentAt : long.MaxValue;
            var inactive = forever ? long.MaxValue : points[i].Time + rules.InactiveAfter;
            stays.Add(new(points[i].SentAt, Math.Min(next, inactive), points[i].Place));

            // An update sent just before the one before it expires may arrive just after: a stay of no length nowhere.
            if (inactive < next || inactive - next < rules.Settle)
            {
                stays.Add(new(Math.Min(next, inactive), next, null));
            }
        }

        return stays;
    }

    private static void Append(List<Stretch> stretches, long from, long to, Expected expected)
    {
        if (stretches.Count > 0 && stretches[^1].Expected == expected)
        {
            stretches[^1] = stretches[^1] with { To = to };
        }
        else
        {
            stretches.Add(new(from, to, expected));
        }
    }

    private readonly record struct Stay(long From, long To, Place? Place);
}
