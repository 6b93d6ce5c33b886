using System.Globalization;

namespace NearbyFriends.Tools;

/// <summary>Durations as people write them: <c>2h</c>, <c>90s</c>, <c>500ms</c>, <c>1h30m</c>, or <c>01:30:00</c>.</summary>
public static class Durations
{
    /// <summary>The duration that <paramref name="text"/> writes; null when it writes none.</summary>
    public static TimeSpan? Parse(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span : null;
        }

        var total = TimeSpan.Zero;
        var at = 0;
        while (at < text.Length)
        {
            var unitAt = at;
            while (unitAt < text.Length && (char.IsAsciiDigit(text[unitAt]) || text[unitAt] == '.'))
            {
                unitAt++;
            }

            var end = unitAt;
            while (end < text.Length && char.IsAsciiLetter(text[end]))
            {
                end++;
            }

            if (!double.TryParse(text.AsSpan(at, unitAt - at), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                || UnitOf(text[unitAt..end]) is not { } unit)
            {
                return null;
            }

            total += unit * number;
            at = end;
        }

        return text.Length > 0 ? total : null;
    }

    private static TimeSpan? UnitOf(string unit) => unit switch
    {
        "ms" => TimeSpan.FromMilliseconds(1),
        "s" => TimeSpan.FromSeconds(1),
        "m" or "min" => TimeSpan.FromMinutes(1),
        "h" => TimeSpan.FromHours(1),
        "d" => TimeSpan.FromDays(1),
        _ => null,
    };
}
