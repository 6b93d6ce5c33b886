using NearbyFriends.Simulator.Walking;

namespace NearbyFriends.Simulator.Drawing;

/// <summary>A polygon on the drawing board.</summary>
internal sealed class Outline(Area area)
{
    private readonly Flat[] _ring = [.. area.Ring.Select(Flat.Of)];

    public Flat Middle => _ring.Aggregate((a, b) => a + b) * (1.0 / _ring.Length);

    public IReadOnlyList<Flat> Ring => _ring;

    /// <summary>Where the endless line through <paramref name="from"/> is inside, in metres along it.</summary>
    public Stretches Inside(Flat from, Flat direction)
    {
        var crossings = new List<double>();
        for (var i = 0; i < _ring.Length; i++)
        {
            var (a, b) = (_ring[i] - from, _ring[(i + 1) % _ring.Length] - from);
            var (sideA, sideB) = (direction.Cross(a), direction.Cross(b));
            if (sideA > 0 != sideB > 0)
            {
                crossings.Add((a + ((b - a) * (sideA / (sideA - sideB)))).Dot(direction));
            }
        }

        crossings.Sort();
        return new([.. crossings.Chunk(2).Select(pair => (pair[0], pair[1]))]);
    }
}

/// <summary>Parts of a line, in order: from and to in metres along it.</summary>
internal readonly record struct Stretches(IReadOnlyList<(double From, double To)> Parts)
{
    /// <summary>What both have.</summary>
    public Stretches And(Stretches other) => new(
        [.. from a in Parts from b in other.Parts
            let both = (From: Math.Max(a.From, b.From), To: Math.Min(a.To, b.To))
            where both.From < both.To
            orderby both.From
            select both]);

    /// <summary>What either has; overlaps become one.</summary>
    public Stretches Or(Stretches other)
    {
        var joined = new List<(double From, double To)>();
        foreach (var part in Parts.Concat(other.Parts).OrderBy(part => part.From))
        {
            if (joined.Count > 0 && part.From <= joined[^1].To)
            {
                joined[^1] = (joined[^1].From, Math.Max(joined[^1].To, part.To));
            }
            else
            {
                joined.Add(part);
            }
        }

        return new(joined);
    }

    /// <summary>What only this has.</summary>
    public Stretches Without(Stretches other)
    {
        var gaps = new List<(double, double)>();
        var at = double.NegativeInfinity;
        foreach (var (from, to) in new Stretches([]).Or(other).Parts)
        {
            gaps.Add((at, from));
            at = to;
        }

        gaps.Add((at, double.PositiveInfinity));
        return And(new(gaps));
    }

    /// <summary>Every part longer by so many metres at both ends.</summary>
    public Stretches Reaching(double metres) => new([.. Parts.Select(part => (part.From - metres, part.To + metres))]);
}
