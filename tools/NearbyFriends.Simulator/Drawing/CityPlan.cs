using System.Globalization;
using NearbyFriends.Simulator.Walking;

namespace NearbyFriends.Simulator.Drawing;

/// <summary>A city as a person would sketch it: where land ends, what the districts are like, and the roads worth a name.</summary>
/// <param name="Land">Outlines of land; a city may lie on several.</param>
/// <param name="Water">Lakes.</param>
/// <param name="Parks">Parks; no grid of streets runs through them.</param>
/// <param name="Districts">Districts with grids of their own.</param>
/// <param name="Roads">Roads drawn by hand.</param>
public sealed record CityPlan(
    List<Area> Land, List<Area> Water, List<Area> Parks, List<District> Districts, List<DrawnRoad> Roads)
{
    /// <summary>San Francisco, from the plan beside this file.</summary>
    public static CityPlan SanFrancisco()
    {
        using var reader = new StreamReader(typeof(CityPlan).Assembly.GetManifestResourceStream("san-francisco.plan")!);
        return Read(reader.ReadToEnd());
    }

    /// <summary>Reads a plan; its first lines say how one is written.</summary>
    /// <exception cref="FormatException">A line is not like that; the message quotes it.</exception>
    public static CityPlan Read(string text)
    {
        var plan = new CityPlan([], [], [], [], []);
        foreach (var line in text.Split('\n').Select(line => line.Trim()).Where(line => line is not "" && line[0] != '#'))
        {
            if (line.Split(':') is not [var head, var places] || head.Split(' ') is not [var kind, .. var rest])
            {
                throw new FormatException($"Neither a heading nor places: {line}");
            }

            plan.Add(kind, rest, places.Split(' ', StringSplitOptions.RemoveEmptyEntries), line);
        }

        return plan;
    }

    private void Add(string kind, string[] head, string[] places, string line)
    {
        var spots = Array.ConvertAll(places, place =>
            Spot.Parse(place.TrimEnd('*')) ?? throw new FormatException($"'{place}' is no latitude,longitude: {line}"));
        switch (kind, head)
        {
            case ("land", _):
                Land.Add(new(string.Join(' ', head), spots));
                break;
            case ("water", _):
                Water.Add(new(string.Join(' ', head), spots));
                break;
            case ("park", _):
                Parks.Add(new(string.Join(' ', head), spots));
                break;
            case ("district", [var bearing, var blocks, ..]) when blocks.Split('x') is [var along, var across]:
                Districts.Add(new(
                    new(string.Join(' ', head[2..]), spots), Number(bearing, line), Number(along, line), Number(across, line)));
                break;
            case ("road", [var roadClass, ..]) when Enum.TryParse<RoadClass>(roadClass, ignoreCase: true, out var parsed):
                Roads.Add(new(
                    string.Join(' ', head[1..]), parsed, spots, [.. Enumerable.Range(0, places.Length).Where(i => places[i][^1] == '*')]));
                break;
            default:
                throw new FormatException($"Not a line of a plan: {line}");
        }
    }

    private static double Number(string text, string line) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"'{text}' is no number: {line}");
}

/// <summary>Part of a city whose streets run in one grid.</summary>
/// <param name="Area">Where.</param>
/// <param name="Bearing">Of one family of streets, degrees clockwise from north; the other family is square to it.</param>
/// <param name="Along">Metres between crossings along that family.</param>
/// <param name="Across">Metres between its streets.</param>
public sealed record District(Area Area, double Bearing, double Along, double Across);

/// <summary>A road drawn by hand.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Class">What kind of road.</param>
/// <param name="Line">Where it runs.</param>
/// <param name="Ramps">For a road above or below the others: indexes of places in the line that are tied to the nearest street.</param>
public sealed record DrawnRoad(string Name, RoadClass Class, IReadOnlyList<Spot> Line, IReadOnlyList<int> Ramps)
{
    /// <summary>Whether others cross it without meeting it.</summary>
    public bool IsFree => Class is RoadClass.Motorway or RoadClass.Tunnel or RoadClass.Bridge;
}
