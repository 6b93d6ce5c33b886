namespace NearbyFriends.Api.Paging;

/// <summary>A page of a list.</summary>
/// <param name="Items">At most as many as were asked for.</param>
/// <param name="Cursor">Leads to the next page; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Cursor);

/// <summary>Makes pages of lists by id.</summary>
public static class Page
{
    /// <summary>The most that one page holds.</summary>
    public const int MaxLimit = 1_000;

    /// <summary>The page of <paramref name="rows"/>, which were asked for one beyond <paramref name="limit"/>.</summary>
    public static Page<TItem> Of<TRow, TItem>(IReadOnlyList<TRow> rows, int limit, Func<TRow, long> id, Func<TRow, TItem> show) =>
        rows.Count <= limit
            ? new([.. rows.Select(show)], null)
            : new([.. rows.Take(limit).Select(show)], new Cursor(id(rows[limit - 1])).ToString());
}
