using System.Net.Http.Headers;

namespace NearbyFriends.Client.Http;

/// <summary>The header Retry-After (RFC 9110, section 10.2.3): seconds, or a date by the server's clock.</summary>
internal static class RetryAfter
{
    /// <summary>A server that asks for a longer wait is asked again after this one.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>How long a server wants no request; null where it does not say, or the date is over.</summary>
    /// <param name="asked">The header.</param>
    /// <param name="now">The response's <c>Date</c>, or the clock of this machine where it has none.</param>
    public static TimeSpan? Of(RetryConditionHeaderValue? asked, DateTimeOffset now) =>
        (asked?.Delta ?? (asked?.Date - now)) is { } wait && wait > TimeSpan.Zero ? (wait < Longest ? wait : Longest) : null;

    /// <summary>The same of headers as text.</summary>
    public static TimeSpan? Of(IReadOnlyDictionary<string, IEnumerable<string>>? headers, DateTimeOffset now) =>
        RetryConditionHeaderValue.TryParse(Text(headers, "Retry-After"), out var asked)
            ? Of(asked, DateTimeOffset.TryParse(Text(headers, "Date"), System.Globalization.CultureInfo.InvariantCulture, out var date) ? date : now)
            : null;

    private static string? Text(IReadOnlyDictionary<string, IEnumerable<string>>? headers, string name) =>
        headers is not null && headers.TryGetValue(name, out var values) ? values.FirstOrDefault() : null;
}
