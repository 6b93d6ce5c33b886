using System.Text.RegularExpressions;

namespace NearbyFriends.ServiceDefaults.Telemetry;

/// <summary>Names the span of an SQL statement by what it does and to which table, as OpenTelemetry's conventions for databases ask: <c>select users</c>.</summary>
internal static partial class QueryName
{
    /// <summary>The first verb and the first table of the statement; the verb alone where there is no table.</summary>
    public static string Of(string sql)
    {
        var verb = Verb().Match(sql);
        if (!verb.Success)
        {
            return "sql";
        }

        var table = Table().Match(sql);
        var name = verb.Value.ToLowerInvariant();
        return table.Success ? $"{name} {table.Groups["table"].Value.ToLowerInvariant()}" : name;
    }

    // Behind a "with" the first verb is that of the first common table expression, which does the work in ours.
    [GeneratedRegex(@"\b(select|insert|update|delete|merge|copy|create|drop|alter|truncate|begin|commit|set|lock)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex Verb();

    [GeneratedRegex("""\b(?:from|into|update|copy|table)\s+(?:only\s+|if\s+(?:not\s+)?exists\s+)?"?(?<table>[a-z_][a-z0-9_.]*)""", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex Table();
}
