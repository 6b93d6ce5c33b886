using System.CommandLine;
using System.CommandLine.Parsing;

namespace NearbyFriends.Tools;

/// <summary>Makes options whose values are durations such as <c>30s</c>; see <see cref="Durations"/>.</summary>
public static class DurationOption
{
    /// <summary>An option whose value is null when it is not given.</summary>
    public static Option<TimeSpan?> Create(string name, string description) =>
        new(name) { Description = description, CustomParser = result => Parse(result) };

    /// <summary>An option with a default.</summary>
    public static Option<TimeSpan> Create(string name, string description, TimeSpan value) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => value,
        CustomParser = result => Parse(result).GetValueOrDefault(),
    };

    private static TimeSpan? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Durations.Parse(text) is { } duration)
        {
            return duration;
        }

        result.AddError($"{text}: must be a duration such as 30s, 500ms or 1h30m.");
        return null;
    }
}
