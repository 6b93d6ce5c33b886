using System.Globalization;

namespace NearbyFriends.Api.History;

/// <summary>A length of time as a query parameter: a number and a unit, such as <c>60s</c>, <c>5m</c>, <c>1h</c> or <c>1d</c>; 1 s to 366 d.</summary>
public readonly record struct HistoryInterval(TimeSpan Length)
{
    private const long LongestSeconds = 366 * 86_400;

    /// <summary>Where the interval that holds <paramref name="time"/> begins, both Unix milliseconds.</summary>
    public long StartOf(long time) => time - (time % (long)Length.TotalMilliseconds);

    /// <summary>Reads a query parameter.</summary>
    public static bool TryParse(string? text, out HistoryInterval interval)
    {
        interval = default;
        if (text is not { Length: > 1 } || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        var seconds = (long)count * SecondsOf(text[^1]);
        if (seconds is < 1 or > LongestSeconds)
        {
            return false;
        }

        interval = new(TimeSpan.FromSeconds(seconds));
        return true;
    }

    private static int SecondsOf(char unit) => unit switch
    {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => 0,
    };
}
