namespace NearbyFriends.Simulator.Walking;

/// <summary>How somebody gets about.</summary>
public enum Travel
{
    /// <summary>On foot: no motorways, no tunnels.</summary>
    Foot,

    /// <summary>By car, or by train where it runs below ground: no paths.</summary>
    Ride,
}

/// <summary>The roads of a city as a graph, and the quickest ways through it.</summary>
public sealed class RoadGraph
{
    private readonly Edge[][] _edges;

    public RoadGraph(CityMap map)
    {
        Map = map;
        var edges = map.Nodes.Select(_ => new List<Edge>()).ToArray();
        foreach (var road in map.Roads)
        {
            foreach (var (from, to) in road.Nodes.Zip(road.Nodes.Skip(1)))
            {
                var metres = map.Nodes[from].MetresTo(map.Nodes[to]);
                edges[from].Add(new(to, metres, road.Class));
                edges[to].Add(new(from, metres, road.Class));
            }
        }

        _edges = Array.ConvertAll(edges, list => list.ToArray());
    }

    public CityMap Map { get; }

    /// <summary>Whether any road that can be gone so leads here.</summary>
    public bool Reaches(int node, Travel travel) => Array.Exists(_edges[node], edge => MetresPerSecond(edge.Class, travel) > 0);

    /// <summary>The node nearest to a spot that can be gone to so.</summary>
    public int Nearest(Spot spot, Travel travel) =>
        Enumerable.Range(0, _edges.Length).Where(node => Reaches(node, travel)).MinBy(node => Map.Nodes[node].MetresTo(spot));

    /// <summary>Nodes within so many metres of a spot that can be gone to so, in the map's order.</summary>
    public IReadOnlyList<int> Around(Spot spot, double metres, Travel travel) =>
        [.. Enumerable.Range(0, _edges.Length).Where(node => Map.Nodes[node].MetresTo(spot) <= metres && Reaches(node, travel))];

    /// <summary>
    /// The quickest way, or null where there is none. A* with the time as the crow flies at the highest speed (P. Hart,
    /// N. Nilsson, B. Raphael, A Formal Basis for the Heuristic Determination of Minimum Cost Paths, 1968).
    /// </summary>
    /// <param name="from">Node to start from.</param>
    /// <param name="to">Node to arrive at.</param>
    /// <param name="travel">How.</param>
    /// <param name="pace">1 for the usual speed, 1.1 for a tenth more.</param>
    public Route? Find(int from, int to, Travel travel, double pace = 1)
    {
        var fastest = travel == Travel.Foot ? FootMetresPerSecond : MetresPerSecond(RoadClass.Motorway, travel);
        var reached = new Dictionary<int, (double Seconds, int Before, Edge By)> { [from] = (0, -1, default) };
        var done = new HashSet<int>();
        var open = new PriorityQueue<int, double>([(from, 0)]);
        while (open.TryDequeue(out var node, out _))
        {
            if (node == to)
            {
                return Trace(reached, to, travel, pace);
            }

            if (!done.Add(node))
            {
                continue;
            }

            foreach (var edge in _edges[node])
            {
                if (MetresPerSecond(edge.Class, travel) is var speed and > 0)
                {
                    var seconds = reached[node].Seconds + (edge.Metres / speed);
                    if (!reached.TryGetValue(edge.To, out var known) || seconds < known.Seconds)
                    {
                        reached[edge.To] = (seconds, node, edge);
                        open.Enqueue(edge.To, seconds + (Map.Nodes[edge.To].MetresTo(Map.Nodes[to]) / fastest));
                    }
                }
            }
        }

        return null;
    }

    private const double FootMetresPerSecond = 1.4;

    /// <summary>0 where one cannot go so. In traffic, with lights; in a tunnel as the trains and cars there.</summary>
    private static double MetresPerSecond(RoadClass road, Travel travel) => (travel, road) switch
    {
        (Travel.Foot, RoadClass.Motorway or RoadClass.Tunnel) => 0,
        (Travel.Foot, _) => FootMetresPerSecond,
        (_, RoadClass.Motorway) => 24,
        (_, RoadClass.Bridge) => 20,
        (_, RoadClass.Tunnel) => 15,
        (_, RoadClass.Arterial) => 11,
        (_, RoadClass.Street) => 7,
        _ => 0,
    };

    private Route Trace(Dictionary<int, (double Seconds, int Before, Edge By)> reached, int to, Travel travel, double pace)
    {
        var steps = new List<(Spot Spot, double Seconds, bool Underground)>();
        for (var node = to; node >= 0; node = reached[node].Before)
        {
            var (seconds, before, by) = reached[node];
            steps.Add((Map.Nodes[node], seconds / pace, before >= 0 && by.Class == RoadClass.Tunnel));
        }

        steps.Reverse();
        return new(to, travel, steps);
    }

    private readonly record struct Edge(int To, double Metres, RoadClass Class);
}
