using NearbyFriends.Client.Lists;
using NearbyFriends.Simulator.Verifying;

namespace NearbyFriends.UnitTests.Simulator;

/// <summary>
/// The verifier against made-up gateways: one that keeps the contract is never blamed, whatever its timing; each that
/// breaks one rule is.
/// </summary>
public sealed class VerifierTests
{
    private const int Flush = 500;
    private const int Network = 200;
    private const int Runs = 200;
    private static readonly ListRules Rules = new(RadiusMetres: 1_000, InactiveAfter: 10_000, Settle: Flush + Network + 50);

    [Flags]
    public enum Faults
    {
        None = 0,
        NoMargin = 1,
        IgnoresOwnMovement = 2,
        IgnoresInactivity = 4,
        LosesUpdates = 8,
        WrongDistance = 16,
        ShowsOldPlaces = 32,
    }

    [Fact]
    public void A_gateway_that_keeps_the_contract_is_never_blamed()
    {
        var verdicts = Enumerable.Range(0, Runs).Select(seed => Run(seed, Faults.None)).ToList();
        Assert.All(verdicts, verdict => Assert.True(verdict.IsClean, string.Join('\n', verdict.Findings)));
        Assert.Equal(0, verdicts.Sum(verdict => verdict.Late));
        Assert.InRange(verdicts.Sum(verdict => verdict.Entries), Runs / 5, Runs);
        Assert.InRange(verdicts.Sum(verdict => verdict.Stretches), Runs * 3, int.MaxValue);
    }

    [Theory]
    [InlineData(Faults.NoMargin)]
    [InlineData(Faults.IgnoresOwnMovement)]
    [InlineData(Faults.IgnoresInactivity)]
    [InlineData(Faults.LosesUpdates)]
    [InlineData(Faults.WrongDistance)]
    [InlineData(Faults.ShowsOldPlaces)]
    public void A_gateway_that_breaks_a_rule_is_blamed(Faults fault) =>
        Assert.Contains(Enumerable.Range(0, Runs), seed => !Run(seed, fault).IsClean);

    /// <summary>Two people wander around the edge of each other's radius; the gateway tells one of the other.</summary>
    private static Verdict Run(int seed, Faults faults)
    {
        var random = new Random(seed);
        var watcher = Wander(random);
        var friend = Wander(random);
        var end = Math.Max(watcher[^1].SentAt, friend[^1].SentAt) + (3 * Rules.Settle);
        var seen = new Observations();
        seen.Take(watcher[0].SentAt, new(ListChangeKind.Replaced), []);
        var final = new Gateway(random, faults, watcher, friend, seen).Tell(end);
        return new Verifier(Rules).Verify(
        [
            new(1, "watcher", [1], watcher, seen, final, end),
            new(2, "friend", [], friend, new(), [], end),
        ]);
    }

    private static SentPoint[] Wander(Random random)
    {
        var points = new List<SentPoint>();
        var time = 1_000_000L + random.Next(3_000);
        for (var i = 0; i < 40; i++)
        {
            var metres = random.Next(4) == 0 ? random.Next(3_000) : 500 + random.Next(120);
            points.Add(new(time + random.Next(20), time, new(0, (random.Next(2) * 1_000 + metres) / 111_194.9)));
            time += random.Next(8) == 0 ? random.Next(5_000, 20_000) : random.Next(100, 3_000);
        }

        return [.. points];
    }

    /// <summary>Applies each update after a random while, looks at the pair each time, and flushes at its own pace.</summary>
    private sealed class Gateway(Random random, Faults faults, SentPoint[] watcher, SentPoint[] friend, Observations seen)
    {
        private SentPoint? _own;
        private SentPoint? _friend;
        private bool _inside;
        private bool _changed;
        private NearbyFriend? _told;

        public IReadOnlyList<NearbyFriend> Tell(long end)
        {
            var arrivals = watcher.Select(point => (At: Delayed(point.SentAt), Own: true, Point: point))
                .Concat(friend.Select(point => (At: Delayed(point.SentAt), Own: false, Point: point)))
                .OrderBy(arrival => arrival.At).ToList();
            var flushAt = arrivals[0].At + random.Next(Flush);
            var next = 0;
            for (var now = arrivals[0].At; now <= end; now += 10)
            {
                for (; next < arrivals.Count && arrivals[next].At <= now; next++)
                {
                    Apply(arrivals[next].Own, arrivals[next].Point, now);
                }

                if (_friend is { } known && known.Time + Rules.InactiveAfter <= now && (faults & Faults.IgnoresInactivity) == 0)
                {
                    _friend = null;
                    _inside = false;
                }

                if (now >= flushAt)
                {
                    FlushTo(now);
                    flushAt += Flush;
                }
            }

            return _told is { } told && _own is { } own ? [told with { Distance = Metres(own, told) }] : [];
        }

        private void Apply(bool own, SentPoint point, long now)
        {
            if (own)
            {
                _own = point.Time > (_own?.Time ?? 0) ? point : _own;
                if ((faults & Faults.IgnoresOwnMovement) != 0)
                {
                    return;
                }
            }
            else if (point.Time + Rules.InactiveAfter > now && point.Time > (_friend?.Time ?? 0)
                && ((faults & Faults.LosesUpdates) == 0 || random.Next(3) > 0))
            {
                _friend = point;
                _changed = true;
            }

            if (_own is { } here && _friend is { } there)
            {
                var keep = _inside && (faults & Faults.NoMargin) == 0 ? 1_050 : 1_000;
                _inside = Sphere.Metres(here.Place, there.Place) <= keep;
            }
        }

        private void FlushTo(long now)
        {
            if (_inside && _friend is { } there && (_told is null || _changed))
            {
                var place = (faults & Faults.ShowsOldPlaces) != 0 ? friend[0].Place : there.Place;
                var added = _told is null;
                _told = new(2, "friend", place.Latitude, place.Longitude, there.Time, 0);
                var metres = Metres(_own!.Value, _told.Value) + ((faults & Faults.WrongDistance) != 0 ? 3 : 0);
                seen.Take(now, new(added ? ListChangeKind.Added : ListChangeKind.Moved, _told.Value, ReportedDistance: metres), []);
            }
            else if (!_inside && _told is { } left)
            {
                seen.Take(now, new(ListChangeKind.Left, left, LeaveReason.Away), []);
                _told = null;
            }

            _changed = false;
        }

        private static double Metres(SentPoint own, NearbyFriend of) => Sphere.Metres(own.Place, new(of.Latitude, of.Longitude));

        private long Delayed(long time) => time + random.Next(Network);
    }
}
