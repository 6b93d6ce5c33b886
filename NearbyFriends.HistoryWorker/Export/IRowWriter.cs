using NearbyFriends.History;

namespace NearbyFriends.HistoryWorker.Export;

/// <summary>Writes rows in one format of an export. Disposing without <see cref="CompleteAsync"/> abandons the rows.</summary>
internal interface IRowWriter : IAsyncDisposable
{
    /// <summary>Adds a row.</summary>
    /// <param name="user">The user's name in the export.</param>
    /// <param name="point">Where and when.</param>
    ValueTask WriteAsync(string user, HistoryPoint point);

    /// <summary>Writes what is buffered, and the end of the format.</summary>
    Task CompleteAsync();
}
