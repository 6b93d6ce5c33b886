namespace NearbyFriends.Simulator.Replaying;

/// <summary>One recorded position.</summary>
/// <param name="Second">Unix seconds of the recording.</param>
/// <param name="Latitude">Degrees WGS 84.</param>
/// <param name="Longitude">Degrees WGS 84.</param>
public readonly record struct TracePoint(long Second, double Latitude, double Longitude);

/// <summary>Where one mover was, in the order of time; at most one point a second.</summary>
public sealed record Trace(string Mover, TracePoint[] Points);

/// <summary>A recording of movers: what <c>replay</c> replays.</summary>
/// <param name="Start">Unix seconds of its first point.</param>
/// <param name="Traces">
/// By number of points, most first, then by mover: the order by which friendships are laid on movers. A mover without a
/// point in the chosen window is there, too: a friend who stays offline.
/// </param>
public sealed record Recording(long Start, IReadOnlyList<Trace> Traces)
{
    /// <summary>
    /// Reads <c>mover_id,epoch_seconds,lat,lon</c> after a header, in any order; <c>.gz</c> is unpacked.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="duration">Only so much of it, from its first point on; null for all.</param>
    /// <exception cref="InvalidDataException">A line is not like that, or the file holds none.</exception>
    public static Recording Read(string path, TimeSpan? duration)
    {
        using var csv = CsvFile.Open(path);
        var points = new Dictionary<string, List<TracePoint>>(StringComparer.Ordinal);
        while (csv.Read())
        {
            var mover = CsvFile.Field<string>(csv, "mover_id", path);
            var point = new TracePoint(
                CsvFile.Field<long>(csv, "epoch_seconds", path), CsvFile.Field<double>(csv, "lat", path), CsvFile.Field<double>(csv, "lon", path));
            if (!(Math.Abs(point.Latitude) <= 90) || !(Math.Abs(point.Longitude) <= 180))
            {
                throw new InvalidDataException($"{path}, line {csv.Parser.Row}: the position is not on Earth.");
            }

            if (!points.TryGetValue(mover, out var trace))
            {
                points[mover] = trace = [];
            }

            trace.Add(point);
        }

        return points.Count > 0
            ? Of(points.Select(mover => (mover.Key, mover.Value.AsEnumerable())), duration)
            : throw new InvalidDataException($"{path} holds no points.");
    }

    /// <summary>A recording of these movers' points, cut to the first <paramref name="duration"/>.</summary>
    public static Recording Of(IEnumerable<(string Mover, IEnumerable<TracePoint> Points)> movers, TimeSpan? duration)
    {
        var all = movers.Select(mover => (mover.Mover, Points: mover.Points.ToList())).ToList();
        var start = all.SelectMany(mover => mover.Points).Min(point => point.Second);
        var end = duration is { } length ? start + (long)length.TotalSeconds : long.MaxValue;
        return new(
            start,
            [.. all
                .Select(mover => new Trace(
                    mover.Mover,
                    // Of two points of one second the first counts: a location of the same time is no update.
                    [.. mover.Points.Where(point => point.Second < end).OrderBy(point => point.Second).DistinctBy(point => point.Second)]))
                .OrderByDescending(trace => trace.Points.Length).ThenBy(trace => trace.Mover, StringComparer.Ordinal)]);
    }

    /// <summary>The first <paramref name="count"/> movers.</summary>
    public Recording Take(int count) => this with { Traces = [.. Traces.Take(count)] };
}
