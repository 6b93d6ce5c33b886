using Microsoft.Extensions.Options;
using NearbyFriends.Api.Changes;
using NearbyFriends.LocationCache.Notices;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.FriendRequests;

/// <summary>What became of a friend request, or of an answer to one.</summary>
public enum FriendRequestOutcome
{
    /// <summary>It waits for the other's answer.</summary>
    Pending,

    /// <summary>It was pending before already; nothing changed.</summary>
    PendingAlready,

    /// <summary>They are friends now: the other had asked, or has answered.</summary>
    Accepted,

    /// <summary>It is declined, for 30 days.</summary>
    Declined,

    /// <summary>There is no such user or request, or none that the caller may know of.</summary>
    NotFound,

    /// <summary>They were friends before.</summary>
    FriendsAlready,

    /// <summary>The other declined less than 30 days ago.</summary>
    DeclinedBefore,

    /// <summary>The caller blocks the other.</summary>
    Blocked,

    /// <summary>One of the two has as many friends as a user may have.</summary>
    FriendLimit,
}

/// <summary>A request that waits for an answer.</summary>
/// <param name="Id">Who asks whom.</param>
/// <param name="OtherName">The display name of the one who is not the caller; null when that account was just deleted.</param>
/// <param name="RequestedAt">When it was asked.</param>
public sealed record PendingRequest(FriendRequestId Id, string? OtherName, DateTimeOffset RequestedAt);

/// <summary>Asking for a friendship, and answering.</summary>
public sealed class FriendRequestStore(
    [FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database,
    FriendDatabase people,
    ChangeAnnouncer announcer,
    NoticeQueue notices,
    IOptions<FriendOptions> options,
    TimeProvider clock)
{
    /// <summary>How long a declined request cannot be repeated.</summary>
    public static readonly TimeSpan DeclinedFor = TimeSpan.FromDays(30);

    private static readonly TimeSpan ToldAgainAfter = TimeSpan.FromDays(1);

    /// <summary>
    /// <paramref name="from"/> asks <paramref name="to"/>. When the other has asked already, both want it and are
    /// friends at once. To ask again is no offence: the pending request stands.
    /// </summary>
    public async Task<FriendRequestOutcome> SendAsync(long from, long to, CancellationToken cancellationToken)
    {
        await using var between = await Relationship.LockAsync(database, from, to, cancellationToken);
        if (between is null || between.TheyBlocked)
        {
            return FriendRequestOutcome.NotFound;
        }

        var now = clock.GetUtcNow();
        switch (between)
        {
            case { IBlocked: true }:
                return FriendRequestOutcome.Blocked;
            case { AreFriends: true }:
                return FriendRequestOutcome.FriendsAlready;
            case { Theirs.IsPending: true }:
                return await BefriendAsync(between, now);
            case { Mine.IsPending: true }:
                return FriendRequestOutcome.PendingAlready;
            case { Mine.DeclinedAt: { } declined } when now < declined + DeclinedFor:
                return FriendRequestOutcome.DeclinedBefore;
        }

        if (between.Me.FriendCount >= options.Value.MaxFriends)
        {
            return FriendRequestOutcome.FriendLimit;
        }

        between.Ask(now);
        await between.CommitAsync(announcer);
        await TellAsync(new(Addressee: to, Requester: from), now);
        return FriendRequestOutcome.Pending;
    }

    /// <summary>
    /// The addressee accepts. Of several accepts at once one makes the friendship; the others find it made, which is
    /// what they wanted.
    /// </summary>
    public async Task<FriendRequestOutcome> AcceptAsync(long addressee, FriendRequestId id, CancellationToken cancellationToken)
    {
        if (id.Addressee != addressee)
        {
            return FriendRequestOutcome.NotFound;
        }

        await using var between = await Relationship.LockAsync(database, addressee, id.Requester, cancellationToken);
        return between switch
        {
            null => FriendRequestOutcome.NotFound,
            { AreFriends: true } => FriendRequestOutcome.Accepted,
            { Theirs.IsPending: true } => await BefriendAsync(between, clock.GetUtcNow()),
            _ => FriendRequestOutcome.NotFound,
        };
    }

    /// <summary>The addressee declines. Idempotent; has no effect if they are already friends.</summary>
    public async Task<FriendRequestOutcome> DeclineAsync(long addressee, FriendRequestId id, CancellationToken cancellationToken)
    {
        if (id.Addressee != addressee)
        {
            return FriendRequestOutcome.NotFound;
        }

        await using var between = await Relationship.LockAsync(database, addressee, id.Requester, cancellationToken);
        switch (between)
        {
            case null or { Theirs: null }:
                return FriendRequestOutcome.NotFound;
            case { Theirs.IsPending: false }:
                return FriendRequestOutcome.Declined;
        }

        between.Decline(clock.GetUtcNow());
        await between.CommitAsync(announcer);
        return FriendRequestOutcome.Declined;
    }

    /// <summary>The one who asked takes a request back. Idempotent; has no effect on one that was answered.</summary>
    /// <returns>False if it is another's request.</returns>
    public async Task<bool> CancelAsync(long requester, FriendRequestId id, CancellationToken cancellationToken)
    {
        if (id.Requester != requester)
        {
            return false;
        }

        await using var between = await Relationship.LockAsync(database, requester, id.Addressee, cancellationToken);
        if (between is { Mine.IsPending: true })
        {
            between.Cancel();
            await between.CommitAsync(announcer);
        }

        return true;
    }

    /// <summary>What others ask of <paramref name="addressee"/>, by the requester's id.</summary>
    /// <param name="addressee">The user who may answer.</param>
    /// <param name="after">The last requester of the page before; 0 for the first page.</param>
    /// <param name="limit">The most that are returned.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<PendingRequest>> ListIncomingAsync(long addressee, long after, int limit, CancellationToken cancellationToken) =>
        ListAsync(
            """
            select requester_id, requested_at from friend_requests
            where addressee_id = $1 and requester_id > $2 and declined_at is null
            order by requester_id limit $3
            """,
            addressee, after, limit, other => new FriendRequestId(addressee, other), cancellationToken);

    /// <summary>What <paramref name="requester"/> asked and is not answered, by the addressee's id.</summary>
    /// <inheritdoc cref="ListIncomingAsync"/>
    public Task<IReadOnlyList<PendingRequest>> ListOutgoingAsync(long requester, long after, int limit, CancellationToken cancellationToken) =>
        ListAsync(
            """
            select addressee_id, requested_at from friend_requests
            where requester_id = $1 and addressee_id > $2 and declined_at is null
            order by addressee_id limit $3
            """,
            requester, after, limit, other => new FriendRequestId(other, requester), cancellationToken);

    /// <summary>The addressee is told outside of its sessions, but not each time that somebody asks, cancels and asks again.</summary>
    private async Task TellAsync(FriendRequestId id, DateTimeOffset now)
    {
        if (await notices.IsFirstAsync(id.ToString(), ToldAgainAfter))
        {
            await notices.AddAsync(new(NoticeKind.FriendRequest, id.ToString(), id.Addressee, id.Requester, now.ToUnixTimeMilliseconds()));
        }
    }

    private async Task<FriendRequestOutcome> BefriendAsync(Relationship between, DateTimeOffset now)
    {
        if (Math.Max(between.Me.FriendCount, between.Other.FriendCount) >= options.Value.MaxFriends)
        {
            return FriendRequestOutcome.FriendLimit;
        }

        between.Befriend(now);
        await between.CommitAsync(announcer);
        return FriendRequestOutcome.Accepted;
    }

    private async Task<IReadOnlyList<PendingRequest>> ListAsync(
        string sql, long user, long after, int limit, Func<long, FriendRequestId> id, CancellationToken cancellationToken)
    {
        await using var command = database.Command(sql, user, after, limit);
        var rows = await command.ReadAllAsync(row => (Other: row.GetInt64(0), At: row.GetFieldValue<DateTimeOffset>(1)), cancellationToken);
        var names = await people.DisplayNamesAsync([.. rows.Select(row => row.Other)], cancellationToken);
        return [.. rows.Select(row => new PendingRequest(id(row.Other), names.GetValueOrDefault(row.Other), row.At))];
    }
}
