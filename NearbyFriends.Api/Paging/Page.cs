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
    /// <param name="rows">By id.</param>
    /// <param name="limit">The most that the page holds.</param>
    /// <param name="id">Of a row.</param>
    /// <param name="show">Null for a row that is left out.</param>
    public static Page<TItem> Of<TRow, TItem>(IReadOnlyList<TRow> rows, int limit, Func<TRow, long> id, Func<TRow, TItem?> show) where TItem : class =>
        new([.. rows.Take(limit).Select(show).OfType<TItem>()], rows.Count <= limit ? null : new Cursor(id(rows[limit - 1])).ToString());
}
