namespace NearbyFriends.People;

/// <summary>The times by which writers and readers of the journal agree.</summary>
/// <remarks>
/// Transactions become visible in another order than that of their stamps. A row's stamp is set by the last statement of its
/// transaction, which has to commit within twice <see cref="TransactionLimit"/>; a reader goes back by <see cref="Overlap"/>,
/// which is longer, so it meets every row. It meets many twice; versions make that harmless. On Citus a transaction over two
/// shards whose worker dies between prepare and commit stays invisible for <c>citus.recover_2pc_interval</c>: set that to less
/// than <see cref="Overlap"/>.
/// </remarks>
public static class Journal
{
    /// <summary>How long a statement of a writing transaction, and a pause between two, may last; the database ends what takes longer.</summary>
    public static readonly TimeSpan TransactionLimit = TimeSpan.FromSeconds(5);

    /// <summary>How far readers go back behind the last row that they have seen.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a user may have taken to load so that what changed meanwhile is read again from the journal, by who begins to follow
    /// the user's changes once it is loaded.
    /// </summary>
    public static readonly TimeSpan LongestLoad = Overlap / 2;

    /// <summary>How long rows are kept: a day, or twice <paramref name="inactiveAfter"/> if that is longer.</summary>
    /// <param name="inactiveAfter">How long a location lives (<c>Presence:InactiveAfter</c>).</param>
    public static TimeSpan KeepFor(TimeSpan inactiveAfter) => TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerDay, 2 * inactiveAfter.Ticks));
}
