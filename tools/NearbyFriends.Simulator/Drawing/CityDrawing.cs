using NearbyFriends.Simulator.Walking;

namespace NearbyFriends.Simulator.Drawing;

/// <summary>Makes a city's map of its plan: grids fill the districts, everything that crosses meets, and what leads nowhere goes.</summary>
public static class CityDrawing
{
    /// <summary>Drawn roads run on a little at their ends, so that what nearly meets does.</summary>
    private const double ReachMetres = 45;

    /// <summary>A line on the map bends no more than this from one crossing to the next: cosine of 50 degrees.</summary>
    private const double StraightEnough = 0.64;

    /// <summary>Draws it. The same plan gives the same map.</summary>
    public static CityMap Draw(CityPlan plan)
    {
        var land = plan.Land.Select(area => new Outline(area)).ToList();
        var closed = plan.Parks.Concat(plan.Water).Select(area => new Outline(area)).ToList();
        var drawn = plan.Roads.Where(road => !road.IsFree).SelectMany(Pieces).ToList();
        var grid = new StreetGrid(land, closed, drawn);

        var network = new RoadNetwork();
        // Drawn roads first: where crossings become one, theirs stays.
        network.Lay([.. drawn, .. plan.Districts.SelectMany(grid.Streets)]);
        network.Prune();
        var streets = network.Edges.Keys.SelectMany(edge => (int[])[edge.A, edge.B]).ToHashSet();
        var places = new Dictionary<Spot, int>();
        foreach (var road in plan.Roads.Where(road => road.IsFree))
        {
            network.LayFree(road, streets, places);
        }

        network = network.Largest();
        return new(plan.Land, plan.Water, plan.Parks, [.. network.Nodes.Select(node => node.ToSpot())], [.. Roads(network)]);
    }

    private static IEnumerable<Piece> Pieces(DrawnRoad road)
    {
        var line = road.Line.Select(Flat.Of).ToArray();
        Flat[] longer = [line[0] + Away(line[0], line[1]), .. line, line[^1] + Away(line[^1], line[^2])];
        return longer.Zip(longer.Skip(1), (from, to) => new Piece(from, to, road.Class, road.Name));

        static Flat Away(Flat end, Flat next) => (end - next) * (ReachMetres / (end - next).Length);
    }

    /// <summary>Strings edges of one name and class together, as far as they go straight on.</summary>
    private static IEnumerable<Road> Roads(RoadNetwork network)
    {
        var open = network.Edges.OrderBy(edge => edge.Key).Select(edge => edge.Key).ToHashSet();
        var at = open.SelectMany(edge => (int[])[edge.A, edge.B]).Distinct()
            .ToDictionary(node => node, node => new List<(int A, int B)>());
        foreach (var edge in open)
        {
            at[edge.A].Add(edge);
            at[edge.B].Add(edge);
        }

        foreach (var edge in network.Edges.OrderBy(edge => edge.Value.Class).ThenBy(edge => edge.Key).Select(edge => edge.Key))
        {
            if (!open.Remove(edge))
            {
                continue;
            }

            var line = new LinkedList<int>([edge.A, edge.B]);
            while (Next(line.Last!.Value, line.Last.Previous!.Value, edge) is { } next)
            {
                line.AddLast(next);
            }

            while (Next(line.First!.Value, line.First.Next!.Value, edge) is { } next)
            {
                line.AddFirst(next);
            }

            yield return new(network.Edges[edge].Class, network.Edges[edge].Name, [.. line]);
        }

        int? Next(int node, int before, (int A, int B) like)
        {
            var ahead = network.Nodes[node] - network.Nodes[before];
            var (straightest, edge) = at[node]
                .Where(edge => open.Contains(edge) && network.Edges[edge] == network.Edges[like])
                .Select(edge =>
                {
                    var on = network.Nodes[edge.A == node ? edge.B : edge.A] - network.Nodes[node];
                    return (Cosine: ahead.Dot(on) / (ahead.Length * on.Length), edge);
                })
                .DefaultIfEmpty()
                .MaxBy(candidate => candidate.Cosine);
            if (straightest < StraightEnough)
            {
                return null;
            }

            open.Remove(edge);
            return edge.A == node ? edge.B : edge.A;
        }
    }
}
