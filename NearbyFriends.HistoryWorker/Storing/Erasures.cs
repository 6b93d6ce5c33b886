using System.Collections.Concurrent;
using NearbyFriends.History;
using Npgsql;

namespace NearbyFriends.HistoryWorker.Storing;

/// <summary>
/// The erasures of users that this process has read: all of them at first, then, at the start of every transaction that
/// stores points, what was recorded since. See <see cref="HistoryEraser"/> for why that is enough.
/// </summary>
public sealed class Erasures
{
    /// <summary>How long a record is kept: far longer than a point can wait to be stored.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(14);

    private readonly ConcurrentDictionary<long, (DateTime ErasedAt, long Until)> _users = new();
    private readonly Lock _lock = new();
    private DateTime _readUntil = DateTime.MinValue;

    /// <summary>Reads what is new, in the transaction that is going to store points, and holds its lock until the end.</summary>
    /// <returns>The time of the transaction by the database's clock, UTC.</returns>
    public async Task<DateTime> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        DateTime since;
        lock (_lock)
        {
            since = _readUntil == DateTime.MinValue ? DateTime.MinValue : _readUntil - HistoryEraser.LookBack;
        }

        // Two statements: the second sees what was committed until the first had the lock.
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("select transaction_timestamp() from pg_advisory_xact_lock_shared($1)") { Parameters = { new() { Value = HistoryEraser.StoringLock } } },
                new("select user_id, erased_at, user_deleted from history_erasures where erased_at >= $1")
                {
                    Parameters = { HistoryTime.Parameter(since) },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var readAt = reader.GetDateTime(0);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            Remember(reader.GetInt64(0), reader.GetDateTime(1), reader.GetBoolean(2));
        }

        lock (_lock)
        {
            _readUntil = readAt > _readUntil ? readAt : _readUntil;
        }

        return readAt;
    }

    /// <summary>Removes the points that were erased; answers how many.</summary>
    public int TakeOut(PointBuffer points) => _users.IsEmpty ? 0 : points.RemoveWhere(IsErased);

    /// <summary>Forgets erasures that are older than every point that is not stored yet.</summary>
    public void Forget(DateTime before)
    {
        foreach (var (user, erasure) in _users)
        {
            if (erasure.ErasedAt < before)
            {
                _users.TryRemove(user, out _);
            }
        }
    }

    private bool IsErased(HistoryPoint point) => _users.TryGetValue(point.UserId, out var erasure) && point.ReceivedAt <= erasure.Until;

    private void Remember(long user, DateTime erasedAt, bool userDeleted)
    {
        var erasure = (erasedAt, userDeleted ? long.MaxValue : HistoryTime.ToUnix(erasedAt));
        _users.AddOrUpdate(user, erasure, (_, old) => (erasure.erasedAt > old.ErasedAt ? erasure.erasedAt : old.ErasedAt, Math.Max(old.Until, erasure.Item2)));
    }
}
