using NearbyFriends.Simulator.Walking;

namespace NearbyFriends.UnitTests.Simulator;

public sealed class CityTests
{
    private static readonly CityMap City = CityMap.SanFrancisco;

    [Fact]
    public void Every_crossing_is_reached_from_every_other()
    {
        var neighbours = City.Nodes.Select(_ => new List<int>()).ToArray();
        foreach (var (from, to) in City.Roads.SelectMany(road => road.Nodes.Zip(road.Nodes.Skip(1))))
        {
            neighbours[from].Add(to);
            neighbours[to].Add(from);
        }

        var reached = new HashSet<int> { 0 };
        for (var open = new Stack<int>([0]); open.TryPop(out var node);)
        {
            foreach (var next in neighbours[node].Where(reached.Add))
            {
                open.Push(next);
            }
        }

        Assert.Equal(City.Nodes.Count, reached.Count);
        Assert.InRange(City.Nodes.Count, 2_000, 6_000);
    }

    [Fact]
    public void No_edge_is_in_two_roads_and_every_kind_of_road_is_there()
    {
        var edges = City.Roads.SelectMany(road => road.Nodes.Zip(road.Nodes.Skip(1))).Select(edge => (Math.Min(edge.First, edge.Second), Math.Max(edge.First, edge.Second))).ToList();

        Assert.Equal(edges.Count, edges.Distinct().Count());
        Assert.All(edges, edge => Assert.NotEqual(edge.Item1, edge.Item2));
        Assert.Equal(Enum.GetValues<RoadClass>(), City.Roads.Select(road => road.Class).Distinct().Order());
        Assert.Equal(5, City.Roads.Where(road => road.Class == RoadClass.Tunnel).Select(road => road.Name).Intersect(
            ["Broadway Tunnel", "Stockton Tunnel", "Twin Peaks Tunnel", "Yerba Buena Tunnel", "Waldo Tunnel"]).Count());
    }
}
