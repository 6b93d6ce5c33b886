namespace NearbyFriends.Simulator.Replaying;

/// <summary>Friendships of recorded users.</summary>
public static class RecordedFriends
{
    /// <summary>Reads <c>user_a,user_b</c>, one friendship a line, after a header; <c>.gz</c> is unpacked.</summary>
    /// <exception cref="InvalidDataException">A line is not like that; the message gives its number.</exception>
    public static IReadOnlyList<(long A, long B)> Read(string path)
    {
        using var csv = CsvFile.Open(path);
        var edges = new List<(long, long)>();
        while (csv.Read())
        {
            edges.Add((CsvFile.Field<long>(csv, "user_a", path), CsvFile.Field<long>(csv, "user_b", path)));
        }

        return edges;
    }
}
