using NearbyFriends.Simulator.Walking;

namespace NearbyFriends.Simulator.Drawing;

/// <summary>The streets of a district: two families of parallel lines, where there is land, no park, and no larger road just beside.</summary>
internal sealed class StreetGrid(IReadOnlyList<Outline> land, IReadOnlyList<Outline> closed, IReadOnlyList<Piece> drawn)
{
    /// <summary>So far a street runs on beyond its district, to meet the next one's; what meets nothing is pruned later.</summary>
    private const double ReachMetres = 95;

    /// <summary>A street this near to a drawn road and along it is that road.</summary>
    private const double BesideMetres = 65;

    /// <summary>Streets end this far from the shore.</summary>
    private const double ShoreMetres = 25;

    public IEnumerable<Piece> Streets(District district)
    {
        var outline = new Outline(district.Area);
        return Family(outline, Flat.Towards(district.Bearing), district.Across)
            .Concat(Family(outline, Flat.Towards(district.Bearing + 90), district.Along));
    }

    private IEnumerable<Piece> Family(Outline district, Flat direction, double apart)
    {
        var sideways = new Flat(direction.Y, -direction.X);
        var offsets = district.Ring.Select(point => (point - district.Middle).Dot(sideways)).ToList();
        for (var k = (int)Math.Ceiling(offsets.Min() / apart); k <= (int)Math.Floor(offsets.Max() / apart); k++)
        {
            var from = district.Middle + (sideways * (k * apart));
            var dry = land.Select(outline => outline.Inside(from, direction)).Aggregate(new Stretches([]), (all, one) => all.Or(one));
            var parts = district.Inside(from, direction).Reaching(ReachMetres)
                .And(dry.Reaching(-ShoreMetres))
                .Without(closed.Select(outline => outline.Inside(from, direction)).Aggregate(new Stretches([]), (all, one) => all.Or(one)))
                .Without(Beside(from, direction));
            foreach (var (start, end) in parts.Parts.Where(part => part.To - part.From > ReachMetres))
            {
                yield return new(from + (direction * start), from + (direction * end), RoadClass.Street, null);
            }
        }
    }

    /// <summary>Where a drawn road runs beside the line.</summary>
    private Stretches Beside(Flat from, Flat direction)
    {
        var parts = new List<(double, double)>();
        foreach (var piece in drawn)
        {
            var steps = (int)Math.Ceiling(piece.Along.Length / 100);
            if (Math.Abs(direction.Cross(piece.Along)) > piece.Along.Length * 0.35)
            {
                continue;
            }

            for (var i = 0; i < steps; i++)
            {
                var (a, b) = (piece.From + (piece.Along * ((double)i / steps)) - from, piece.From + (piece.Along * ((i + 1.0) / steps)) - from);
                if (Math.Abs(direction.Cross(a + b)) / 2 < BesideMetres)
                {
                    parts.Add((Math.Min(a.Dot(direction), b.Dot(direction)), Math.Max(a.Dot(direction), b.Dot(direction))));
                }
            }
        }

        return new Stretches([]).Or(new(parts));
    }
}
