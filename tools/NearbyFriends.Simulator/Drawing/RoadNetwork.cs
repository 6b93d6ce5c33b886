using NearbyFriends.Simulator.Walking;

namespace NearbyFriends.Simulator.Drawing;

/// <summary>Crossings and the roads between them, as it grows on the drawing board.</summary>
internal sealed class RoadNetwork
{
    /// <summary>Crossings nearer to each other than this are one.</summary>
    private const double MergeMetres = 35;

    /// <summary>A dead end of a drawn road that is shorter than this is a line drawn too far; one of a grid is, at any length.</summary>
    private const double StubMetres = 60;

    private readonly List<Flat> _nodes = [];
    private readonly Dictionary<(int A, int B), (RoadClass Class, string? Name)> _edges = [];

    public IReadOnlyList<Flat> Nodes => _nodes;

    public IReadOnlyDictionary<(int A, int B), (RoadClass Class, string? Name)> Edges => _edges;

    /// <summary>Lays pieces that meet wherever they cross.</summary>
    public void Lay(IReadOnlyList<Piece> pieces)
    {
        var cuts = pieces.Select(_ => new List<double> { 0, 1 }).ToArray();
        for (var i = 0; i < pieces.Count; i++)
        {
            for (var j = i + 1; j < pieces.Count; j++)
            {
                if (pieces[i].Crossing(pieces[j]) is { } crossing)
                {
                    cuts[i].Add(crossing.Here);
                    cuts[j].Add(crossing.There);
                }
            }
        }

        for (var i = 0; i < pieces.Count; i++)
        {
            cuts[i].Sort();
            var last = -1;
            foreach (var cut in cuts[i])
            {
                var node = NodeAt(pieces[i].From + (pieces[i].Along * cut));
                Connect(last, node, pieces[i].Class, pieces[i].Name);
                last = node;
            }
        }
    }

    /// <summary>Lays a road that meets other free ones in places that both are drawn through, and streets at its ramps only.</summary>
    /// <param name="road">The road.</param>
    /// <param name="streets">Nodes that it may be tied to.</param>
    /// <param name="places">Where free roads have nodes so far.</param>
    public void LayFree(DrawnRoad road, IReadOnlyCollection<int> streets, Dictionary<Spot, int> places)
    {
        var last = -1;
        foreach (var (index, spot) in road.Line.Index())
        {
            var point = Flat.Of(spot);
            int? street = road.Ramps.Contains(index) ? streets.MinBy(i => (_nodes[i] - point).Length) : null;
            if (!places.TryGetValue(spot, out var node))
            {
                if (street is { } near && (_nodes[near] - point).Length < MergeMetres)
                {
                    node = near;
                }
                else
                {
                    node = _nodes.Count;
                    _nodes.Add(point);
                }

                places.Add(spot, node);
            }

            Connect(street ?? node, node, RoadClass.Street, null);
            Connect(last, node, road.Class, road.Name);
            last = node;
        }
    }

    /// <summary>Takes off what was drawn too far, and what then leads nowhere in turn.</summary>
    public void Prune()
    {
        for (var found = true; found;)
        {
            var degree = _edges.Keys.SelectMany(edge => (int[])[edge.A, edge.B]).CountBy(node => node).ToDictionary();
            var stubs = _edges.Keys
                .Where(edge => (degree[edge.A] == 1 || degree[edge.B] == 1)
                    && (_edges[edge].Name is null || (_nodes[edge.A] - _nodes[edge.B]).Length < StubMetres))
                .ToList();
            stubs.ForEach(edge => _edges.Remove(edge));
            found = stubs.Count > 0;
        }
    }

    /// <summary>Keeps the largest part of which every node reaches every other, and its nodes only.</summary>
    public RoadNetwork Largest()
    {
        var part = Enumerable.Range(0, _nodes.Count).ToArray();
        foreach (var (a, b) in _edges.Keys)
        {
            part[Root(a)] = Root(b);
        }

        var largest = _edges.Keys.CountBy(edge => Root(edge.A)).MaxBy(count => count.Value).Key;
        var kept = _edges.Where(edge => Root(edge.Key.A) == largest).ToList();
        var used = kept.SelectMany(edge => (int[])[edge.Key.A, edge.Key.B]).Distinct().OrderByDescending(i => _nodes[i].Y).ThenBy(i => _nodes[i].X).ToList();
        var number = used.Index().ToDictionary(node => node.Item, node => node.Index);
        var network = new RoadNetwork();
        network._nodes.AddRange(used.Select(i => _nodes[i]));
        foreach (var (edge, road) in kept)
        {
            network.Connect(number[edge.A], number[edge.B], road.Class, road.Name);
        }

        return network;

        int Root(int node)
        {
            while (part[node] != node)
            {
                node = part[node] = part[part[node]];
            }

            return node;
        }
    }

    private int NodeAt(Flat point)
    {
        for (var i = 0; i < _nodes.Count; i++)
        {
            var (x, y) = (_nodes[i].X - point.X, _nodes[i].Y - point.Y);
            if ((x * x) + (y * y) < MergeMetres * MergeMetres)
            {
                return i;
            }
        }

        _nodes.Add(point);
        return _nodes.Count - 1;
    }

    /// <summary>Of two roads between the same nodes the larger one stays.</summary>
    private void Connect(int from, int to, RoadClass roadClass, string? name)
    {
        if (from < 0 || from == to)
        {
            return;
        }

        var edge = (Math.Min(from, to), Math.Max(from, to));
        if (!_edges.TryGetValue(edge, out var there) || roadClass < there.Class)
        {
            _edges[edge] = (roadClass, name);
        }
    }
}
