using System.Text.Json;

namespace NearbyFriends.Simulator.Walking;

/// <summary>What kind of road; the larger ones first.</summary>
public enum RoadClass
{
    /// <summary>Above or below the others; for cars.</summary>
    Motorway,

    /// <summary>Over water.</summary>
    Bridge,

    /// <summary>A main street.</summary>
    Arterial,

    /// <summary>Any other street.</summary>
    Street,

    /// <summary>For people on foot.</summary>
    Path,

    /// <summary>Below ground, for cars or trains: phones have no signal here.</summary>
    Tunnel,
}

/// <summary>A road from crossing to crossing.</summary>
/// <param name="Class">What kind.</param>
/// <param name="Name">What it is called; null for most.</param>
/// <param name="Nodes">Indexes of the crossings that it passes, in order; at least two.</param>
public sealed record Road(RoadClass Class, string? Name, IReadOnlyList<int> Nodes);

/// <summary>
/// A city to walk in: a graph of roads. Kept as JSON that the map page reads too, for the outlines in it:
/// <c>{"land","water","parks": [{"name","ring": [lat, lon, …]}], "nodes": [lat, lon, …], "roads":
/// [{"class","name"?,"nodes": [index, …]}]}</c>, degrees to five digits (a metre).
/// </summary>
/// <param name="Nodes">Crossings, ends and bends.</param>
/// <param name="Roads">Every pair of neighbouring nodes in a road is an edge of the graph; no edge is in two roads.</param>
public sealed record CityMap(IReadOnlyList<Spot> Nodes, IReadOnlyList<Road> Roads)
{
    private static readonly Lazy<CityMap> Embedded = new(() =>
    {
        using var file = typeof(CityMap).Assembly.GetManifestResourceStream("san-francisco.json")!;
        return Read(file);
    });

    /// <summary>San Francisco, drawn by hand.</summary>
    public static CityMap SanFrancisco => Embedded.Value;

    /// <summary>Reads a map.</summary>
    /// <exception cref="JsonException">The text is no such JSON.</exception>
    public static CityMap Read(Stream json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return new(
            [.. root.GetProperty("nodes").EnumerateArray().Select(degree => degree.GetDouble()).Chunk(2).Select(pair => new Spot(pair[0], pair[1]))],
            [.. root.GetProperty("roads").EnumerateArray().Select(road => new Road(
                Enum.Parse<RoadClass>(road.GetProperty("class").GetString()!, ignoreCase: true),
                road.TryGetProperty("name", out var name) ? name.GetString() : null,
                [.. road.GetProperty("nodes").EnumerateArray().Select(node => node.GetInt32())]))]);
    }
}
