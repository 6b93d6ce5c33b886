using NearbyFriends.Core;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.Changes;

/// <summary>
/// Everything there is between a user and another, read and changed under the locks of both users' rows.
/// </summary>
/// <remarks>
/// All rules about two people need a state that nobody changes meanwhile: two requests that cross, two accepts, an
/// accept and a block. Whoever comes second waits at the row locks and then finds what the first did. Locks are taken
/// in id order, everywhere, so nobody waits in a circle. Reading costs one round trip, changing another, committing a
/// third. Both users' journals say what gateways must learn of.
/// </remarks>
internal sealed class Relationship : IAsyncDisposable
{
    private readonly JournaledTransaction _transaction;
    private int _recorded; // for each side: by so much its friends version rises

    private Relationship(JournaledTransaction transaction) => _transaction = transaction;

    /// <summary>The user who asks.</summary>
    public required Person Me { get; init; }

    public required Person Other { get; init; }

    /// <summary>What I show the other; null when we are no friends.</summary>
    public required FriendVisibility? Shows { get; init; }

    public bool AreFriends => Shows is not null;

    /// <summary>My request to the other, pending or declined.</summary>
    public required RequestState? Mine { get; init; }

    /// <summary>The other's request to me, pending or declined.</summary>
    public required RequestState? Theirs { get; init; }

    public required bool IBlocked { get; init; }

    public required bool TheyBlocked { get; init; }

    /// <summary>Locks both users and reads what is between them; null when either does not exist.</summary>
    public static async Task<Relationship?> LockAsync(NpgsqlDataSource database, long me, long other, CancellationToken cancellationToken)
    {
        var transaction = await JournaledTransaction.BeginAsync(database, cancellationToken);
        Relationship? relationship = null;
        try
        {
            return relationship = await ReadAsync(transaction, me, other, cancellationToken);
        }
        finally
        {
            if (relationship is null)
            {
                await transaction.DisposeAsync();
            }
        }
    }

    /// <summary>They become friends; whatever was asked before is settled.</summary>
    public void Befriend(DateTimeOffset now)
    {
        ForgetRequests();
        _transaction.Write("insert into friendships (user_id, friend_id, since) values ($1, $2, $3)", Me.Id, Other.Id, now);
        _transaction.Write("insert into friendships (user_id, friend_id, since) values ($1, $2, $3)", Other.Id, Me.Id, now);
        CountFriends(+1);
        Record(ChangeKind.FriendAdded, ChangeKind.FriendAdded);
    }

    /// <summary>They are friends no longer; only my own devices are told who ended it.</summary>
    public void Unfriend()
    {
        _transaction.Write("delete from friendships where user_id = $1 and friend_id = $2", Me.Id, Other.Id);
        _transaction.Write("delete from friendships where user_id = $1 and friend_id = $2", Other.Id, Me.Id);
        _transaction.Write("delete from alerts where user_id = $1 and friend_id = $2", Me.Id, Other.Id);
        _transaction.Write("delete from alerts where user_id = $1 and friend_id = $2", Other.Id, Me.Id);
        CountFriends(-1);
        Record(ChangeKind.FriendRemoved, ChangeKind.RemovedByFriend);
    }

    /// <summary>I show the other, a friend, more or less of my location. My own devices are told too.</summary>
    public void Show(FriendVisibility shows)
    {
        _transaction.Write("update friendships set shows = $3 where user_id = $1 and friend_id = $2", Me.Id, Other.Id, shows.Packed);
        _transaction.Write("update friendships set sees = $3 where user_id = $1 and friend_id = $2", Other.Id, Me.Id, shows.Packed);
        foreach (var id in (ReadOnlySpan<long>)[Me.Id, Other.Id])
        {
            _transaction.Write("update users set friends_version = friends_version + 1 where id = $1", id);
        }

        _transaction.Record(Me.Id, ChangeKind.ShowsChanged, Me.FriendsVersion + 1, Other.Id, shows.Packed);
        _transaction.Record(Other.Id, ChangeKind.SeesChanged, Other.FriendsVersion + 1, Me.Id, shows.Packed);
    }

    /// <summary>I ask; a request that was declined long enough ago is asked anew.</summary>
    public void Ask(DateTimeOffset now)
    {
        _transaction.Write(
            """
            insert into friend_requests (addressee_id, requester_id, requested_at) values ($1, $2, $3)
            on conflict (addressee_id, requester_id) do update set requested_at = excluded.requested_at, declined_at = null
            """,
            Other.Id, Me.Id, now);
        Record(ChangeKind.RequestSent, ChangeKind.RequestReceived);
    }

    /// <summary>I decline what the other asked.</summary>
    public void Decline(DateTimeOffset now)
    {
        _transaction.Write("update friend_requests set declined_at = $3 where addressee_id = $1 and requester_id = $2", Me.Id, Other.Id, now);
        Record(ChangeKind.ReceivedRequestClosed, ChangeKind.SentRequestClosed);
    }

    /// <summary>I take back what I asked and the other did not answer.</summary>
    public void Cancel()
    {
        _transaction.Write("delete from friend_requests where addressee_id = $1 and requester_id = $2", Other.Id, Me.Id);
        Record(ChangeKind.SentRequestClosed, ChangeKind.ReceivedRequestClosed);
    }

    /// <summary>Ends whatever one asked the other, pending or declined.</summary>
    public void EndRequests()
    {
        if (Mine is { IsPending: true })
        {
            Record(ChangeKind.SentRequestClosed, ChangeKind.ReceivedRequestClosed);
        }

        if (Theirs is { IsPending: true })
        {
            Record(ChangeKind.ReceivedRequestClosed, ChangeKind.SentRequestClosed);
        }

        ForgetRequests();
    }

    /// <summary>I block the other: neither sees the other any more.</summary>
    public void Block(DateTimeOffset now)
    {
        _transaction.Write("insert into blocks (blocker_id, blocked_id, since) values ($1, $2, $3)", Me.Id, Other.Id, now);
        _transaction.Write("insert into blocked_by (user_id, blocker_id) values ($1, $2)", Other.Id, Me.Id);
        Record(ChangeKind.Blocked, ChangeKind.Blocked);
    }

    /// <summary>Makes the changes durable, then announces them.</summary>
    public Task CommitAsync(ChangeAnnouncer announcer) => _transaction.CommitAsync(announcer);

    public ValueTask DisposeAsync() => _transaction.DisposeAsync();

    private void ForgetRequests()
    {
        _transaction.Write("delete from friend_requests where addressee_id = $1 and requester_id = $2", Me.Id, Other.Id);
        _transaction.Write("delete from friend_requests where addressee_id = $1 and requester_id = $2", Other.Id, Me.Id);
    }

    private void CountFriends(int change)
    {
        foreach (var id in (ReadOnlySpan<long>)[Me.Id, Other.Id])
        {
            _transaction.Write("update users set friend_count = friend_count + $2 where id = $1", id, change);
        }
    }

    /// <summary>One more change of both users' friends version.</summary>
    private void Record(ChangeKind mine, ChangeKind theirs)
    {
        _recorded++;
        foreach (var id in (ReadOnlySpan<long>)[Me.Id, Other.Id])
        {
            _transaction.Write("update users set friends_version = friends_version + 1 where id = $1", id);
        }

        _transaction.Record(Me.Id, mine, Me.FriendsVersion + _recorded, Other.Id);
        _transaction.Record(Other.Id, theirs, Other.FriendsVersion + _recorded, Me.Id);
    }

    private static async Task<Relationship?> ReadAsync(
        JournaledTransaction transaction, long me, long other, CancellationToken cancellationToken)
    {
        // Each statement of the batch sees what was committed before it began, so those below the locks see the last state.
        await using var batch = transaction.FirstBatch();
        foreach (var id in (ReadOnlySpan<long>)[Math.Min(me, other), Math.Max(me, other)])
        {
            batch.Add("select id, friends_version, friend_count from users where id = $1 for no key update", id);
        }

        batch.Add("select shows from friendships where user_id = $1 and friend_id = $2", me, other);
        batch.Add("select requested_at, declined_at from friend_requests where addressee_id = $2 and requester_id = $1", me, other);
        batch.Add("select requested_at, declined_at from friend_requests where addressee_id = $1 and requester_id = $2", me, other);
        batch.Add("select exists (select from blocks where blocker_id = $1 and blocked_id = $2)", me, other);
        batch.Add("select exists (select from blocks where blocker_id = $2 and blocked_id = $1)", me, other);

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var lower = await NextAsync(reader, first: true, ReadPerson);
        var higher = await NextAsync(reader, first: false, ReadPerson);
        if (lower is null || higher is null)
        {
            return null;
        }

        return new Relationship(transaction)
        {
            Me = me < other ? lower : higher,
            Other = me < other ? higher : lower,
            Shows = await NextAsync(reader, first: false, row => new FriendVisibility?(FriendVisibility.Unpack(row.GetInt64(0)))),
            Mine = await NextAsync(reader, first: false, ReadRequest),
            Theirs = await NextAsync(reader, first: false, ReadRequest),
            IBlocked = (await NextAsync(reader, first: false, row => new bool?(row.GetBoolean(0))))!.Value,
            TheyBlocked = (await NextAsync(reader, first: false, row => new bool?(row.GetBoolean(0))))!.Value,
        };

        async Task<T?> NextAsync<T>(NpgsqlDataReader reader, bool first, Func<NpgsqlDataReader, T> read)
        {
            if (!first)
            {
                await reader.NextResultAsync(cancellationToken);
            }

            return await reader.ReadAsync(cancellationToken) ? read(reader) : default;
        }
    }

    private static Person ReadPerson(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetInt32(2));

    private static RequestState ReadRequest(NpgsqlDataReader row) =>
        new(row.GetFieldValue<DateTimeOffset>(0), row.IsDBNull(1) ? null : row.GetFieldValue<DateTimeOffset>(1));
}

/// <summary>One side of a <see cref="Relationship"/>, its row locked.</summary>
internal sealed record Person(long Id, long FriendsVersion, int FriendCount);

/// <summary>A friend request as it is kept.</summary>
internal sealed record RequestState(DateTimeOffset RequestedAt, DateTimeOffset? DeclinedAt)
{
    public bool IsPending => DeclinedAt is null;
}
