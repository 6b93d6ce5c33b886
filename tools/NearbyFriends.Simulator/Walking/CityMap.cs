using System.Globalization;
using System.Text;
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

/// <summary>Something with an outline.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Ring">Its outline; it closes by itself.</param>
public sealed record Area(string Name, IReadOnlyList<Spot> Ring)
{
    /// <summary>Whether a spot lies inside, by the parity of the edges that a line to the north pole crosses.</summary>
    public bool Contains(Spot spot)
    {
        var inside = false;
        for (var i = 0; i < Ring.Count; i++)
        {
            var (a, b) = (Ring[i], Ring[(i + 1) % Ring.Count]);
            if (a.Longitude > spot.Longitude != b.Longitude > spot.Longitude
                && spot.Latitude < a.Latitude + ((spot.Longitude - a.Longitude) / (b.Longitude - a.Longitude) * (b.Latitude - a.Latitude)))
            {
                inside = !inside;
            }
        }

        return inside;
    }
}

/// <summary>A road from crossing to crossing.</summary>
/// <param name="Class">What kind.</param>
/// <param name="Name">What it is called; null for most.</param>
/// <param name="Nodes">Indexes of the crossings that it passes, in order; at least two.</param>
public sealed record Road(RoadClass Class, string? Name, IReadOnlyList<int> Nodes);

/// <summary>
/// A city to walk in, and what a map without the internet shows: outlines, and a graph of roads. Kept as JSON that browsers
/// read too: <c>{"land","water","parks": [{"name","ring": [lat, lon, …]}], "nodes": [lat, lon, …], "roads":
/// [{"class","name"?,"nodes": [index, …]}]}</c>, degrees to five digits (a metre).
/// </summary>
/// <param name="Land">Outlines of land.</param>
/// <param name="Water">Lakes.</param>
/// <param name="Parks">Parks.</param>
/// <param name="Nodes">Crossings, ends and bends.</param>
/// <param name="Roads">Every pair of neighbouring nodes in a road is an edge of the graph; no edge is in two roads.</param>
public sealed record CityMap(
    IReadOnlyList<Area> Land, IReadOnlyList<Area> Water, IReadOnlyList<Area> Parks, IReadOnlyList<Spot> Nodes, IReadOnlyList<Road> Roads)
{
    private static readonly Lazy<CityMap> s_sanFrancisco = new(() =>
    {
        using var file = typeof(CityMap).Assembly.GetManifestResourceStream("san-francisco.json")!;
        return Read(file);
    });

    /// <summary>San Francisco, drawn by hand; <c>simulator city</c> makes the file.</summary>
    public static CityMap SanFrancisco => s_sanFrancisco.Value;

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">It is not that.</exception>
    public static CityMap Read(Stream json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return new(Areas("land"), Areas("water"), Areas("parks"), Spots(root.GetProperty("nodes")), [.. root.GetProperty("roads").EnumerateArray().Select(
            road => new Road(
                Enum.Parse<RoadClass>(road.GetProperty("class").GetString()!, ignoreCase: true),
                road.TryGetProperty("name", out var name) ? name.GetString() : null,
                [.. road.GetProperty("nodes").EnumerateArray().Select(node => node.GetInt32())]))]);

        List<Area> Areas(string kind) =>
            [.. root.GetProperty(kind).EnumerateArray().Select(area => new Area(area.GetProperty("name").GetString()!, Spots(area.GetProperty("ring"))))];

        static List<Spot> Spots(JsonElement degrees) =>
            [.. degrees.EnumerateArray().Select(degree => degree.GetDouble()).Chunk(2).Select(pair => new Spot(pair[0], pair[1]))];
    }

    /// <summary>One area or road a line, so that a change of the map is one in the file.</summary>
    public string ToJson()
    {
        var json = new StringBuilder("{\n");
        Append("land", Land.Select(AreaJson));
        Append("water", Water.Select(AreaJson));
        Append("parks", Parks.Select(AreaJson));
        Append("nodes", Nodes.Chunk(8).Select(Degrees));
        Append("roads", Roads.Select(road =>
            $$"""{"class":"{{road.Class.ToString().ToLowerInvariant()}}"{{(road.Name is null ? "" : $",\"name\":{Quoted(road.Name)}")}},"nodes":[{{string.Join(',', road.Nodes)}}]}"""));
        return json.Append("}\n").ToString();

        void Append(string name, IEnumerable<string> lines) =>
            json.Append(CultureInfo.InvariantCulture, $"{(json.Length > 2 ? ",\n" : "")}\"{name}\":[\n{string.Join(",\n", lines)}\n]");
    }

    private static string AreaJson(Area area) => $$"""{"name":{{Quoted(area.Name)}},"ring":[{{Degrees(area.Ring)}}]}""";

    private static string Degrees(IEnumerable<Spot> spots) =>
        string.Join(',', spots.Select(spot => string.Create(CultureInfo.InvariantCulture, $"{spot.Latitude:0.#####},{spot.Longitude:0.#####}")));

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
