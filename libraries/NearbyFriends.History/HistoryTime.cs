using Npgsql;
using NpgsqlTypes;

namespace NearbyFriends.History;

/// <summary>Converts between Unix milliseconds, as in the API, and instants, as in Postgres; exact in both directions.</summary>
public static class HistoryTime
{
    /// <summary>The instant of <paramref name="milliseconds"/> since 1970, UTC.</summary>
    public static DateTime FromUnix(long milliseconds) => DateTime.UnixEpoch.AddTicks(milliseconds * TimeSpan.TicksPerMillisecond);

    /// <summary>Milliseconds since 1970 of a UTC instant, fractions cut off.</summary>
    public static long ToUnix(DateTime instant) => (instant.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;

    /// <summary>The UTC day of <paramref name="milliseconds"/>, which is its partition.</summary>
    public static DateOnly DayOf(long milliseconds) => DateOnly.FromDateTime(FromUnix(milliseconds));

    /// <summary>
    /// A parameter of type <c>timestamptz</c>. Without the type, Npgsql sends the extremes of <see cref="DateTime"/> (the
    /// infinities of Postgres) as <c>timestamp</c>; comparing that with a column depends on the session's time zone,
    /// which Citus refuses in UPDATE and DELETE (0A000).
    /// </summary>
    public static NpgsqlParameter Parameter(DateTime instant) => new() { Value = instant, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
