using Npgsql;

namespace NearbyFriends.HistoryWorker.Storing;

/// <summary>Why the database did not store points.</summary>
public enum StoreFailure
{
    /// <summary>It cannot be reached, or fails for a reason that has nothing to do with the points.</summary>
    Unavailable,

    /// <summary>One of the points is stored already.</summary>
    StoredBefore,

    /// <summary>It refuses a point: a value out of range, or a constraint, such as that a partition must exist.</summary>
    Refused,
}

/// <summary>Classifies the failures of storing.</summary>
public static class StoreFailures
{
    private const string DuplicateKey = "duplicate key value violates unique constraint";
    private const string OtherConstraint = " violates ";
    private const string NoPartition = "no partition of relation";

    /// <summary>What an exception of the database means for the points.</summary>
    /// <remarks>
    /// The SQLSTATE decides: 23505, or class 22 (data) or 23 (constraints). When a node of Citus refuses a COPY,
    /// the coordinator reports that node's message under XX000 (internal error), so the message decides; with a server
    /// whose <c>lc_messages</c> is not English that counts as unavailable.
    /// </remarks>
    public static StoreFailure Of(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => StoreFailure.StoredBefore,
        PostgresException { SqlState: ['2', '2' or '3', ..] } => StoreFailure.Refused,
        PostgresException { SqlState: PostgresErrorCodes.InternalError } citus => OfMessage(citus.MessageText),
        _ => StoreFailure.Unavailable,
    };

    private static StoreFailure OfMessage(string message)
    {
        if (message.StartsWith(DuplicateKey, StringComparison.Ordinal))
        {
            return StoreFailure.StoredBefore;
        }

        return message.StartsWith(NoPartition, StringComparison.Ordinal) || message.Contains(OtherConstraint, StringComparison.Ordinal)
            ? StoreFailure.Refused
            : StoreFailure.Unavailable;
    }
}
