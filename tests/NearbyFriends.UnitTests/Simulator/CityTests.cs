using System.Text;
using NearbyFriends.Simulator.Drawing;
using NearbyFriends.Simulator.Walking;

namespace NearbyFriends.UnitTests.Simulator;

public sealed class CityTests
{
    private static readonly CityMap s_city = CityMap.SanFrancisco;

    [Fact]
    public void The_city_that_is_kept_is_what_its_plan_gives()
    {
        using var file = typeof(CityMap).Assembly.GetManifestResourceStream("san-francisco.json")!;
        using var reader = new StreamReader(file);

        var drawn = CityDrawing.Draw(CityPlan.SanFrancisco()).ToJson();

        Assert.True(
            reader.ReadToEnd() == drawn,
            "Draw it anew: dotnet run --project tools/NearbyFriends.Simulator -- city tools/NearbyFriends.Simulator/Walking/san-francisco.json");
        Assert.InRange(Encoding.UTF8.GetByteCount(drawn), 50_000, 150_000);
    }

    [Fact]
    public void Every_crossing_is_reached_from_every_other()
    {
        var neighbours = s_city.Nodes.Select(_ => new List<int>()).ToArray();
        foreach (var (from, to) in s_city.Roads.SelectMany(road => road.Nodes.Zip(road.Nodes.Skip(1))))
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

        Assert.Equal(s_city.Nodes.Count, reached.Count);
        Assert.InRange(s_city.Nodes.Count, 2_000, 6_000);
    }

    [Fact]
    public void Every_crossing_is_on_land_but_those_of_bridges()
    {
        var bridges = s_city.Roads.Where(road => road.Class == RoadClass.Bridge).SelectMany(road => road.Nodes).ToHashSet();
        var wet = s_city.Nodes.Index()
            .Where(node => !bridges.Contains(node.Index) && (!s_city.Land.Any(area => area.Contains(node.Item)) || s_city.Water.Any(area => area.Contains(node.Item))))
            .Select(node => $"{node.Item} of {string.Join(", ", s_city.Roads.Where(road => road.Nodes.Contains(node.Index)).Select(road => road.Name ?? "a street"))}");

        Assert.Empty(wet);
    }

    [Fact]
    public void No_edge_is_in_two_roads_and_every_kind_of_road_is_there()
    {
        var edges = s_city.Roads.SelectMany(road => road.Nodes.Zip(road.Nodes.Skip(1))).Select(edge => (Math.Min(edge.First, edge.Second), Math.Max(edge.First, edge.Second))).ToList();

        Assert.Equal(edges.Count, edges.Distinct().Count());
        Assert.All(edges, edge => Assert.NotEqual(edge.Item1, edge.Item2));
        Assert.Equal(Enum.GetValues<RoadClass>(), s_city.Roads.Select(road => road.Class).Distinct().Order());
        Assert.Equal(5, s_city.Roads.Where(road => road.Class == RoadClass.Tunnel).Select(road => road.Name).Intersect(
            ["Broadway Tunnel", "Stockton Tunnel", "Twin Peaks Tunnel", "Yerba Buena Tunnel", "Waldo Tunnel"]).Count());
    }

    [Theory]
    [InlineData("lake Merced: 37.7,-122.5 37.8,-122.5", "Not a line of a plan")]
    [InlineData("park Merced: 37.7", "no latitude,longitude")]
    [InlineData("district x 10x10 Merced: 37.7,-122.5", "no number")]
    [InlineData("road Market Street 37.7,-122.5", "Neither a heading nor places")]
    public void A_bad_line_of_a_plan_is_quoted(string line, string problem)
    {
        var error = Assert.Throws<FormatException>(() => CityPlan.Read(line));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains(line, error.Message, StringComparison.Ordinal);
    }
}
