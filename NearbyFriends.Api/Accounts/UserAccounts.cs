using System.Text;
using NearbyFriends.Api.Changes;
using NearbyFriends.Core;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.Accounts;

/// <summary>What became of a registration.</summary>
public enum RegistrationOutcome
{
    Registered,

    /// <summary>Somebody has this user name, perhaps in other case.</summary>
    NameTaken,

    /// <summary>The token's subject is a user already.</summary>
    RegisteredAlready,
}

/// <summary>Users: registering, finding, changing, deleting.</summary>
public sealed class UserAccounts(
    [FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database,
    FriendSubjects subjects,
    ChangeAnnouncer announcer,
    TimeProvider clock)
{
    /// <summary>Makes a user.</summary>
    /// <param name="userName">Unique without regard to case; the caller has checked its form.</param>
    /// <param name="displayName">As friends see it.</param>
    /// <param name="subject">The subject of an outside issuer's tokens that will stand for the user; null for none.</param>
    /// <param name="sharing">Whether the location is shared from the start.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The user, when <see cref="RegistrationOutcome.Registered"/>.</returns>
    public async Task<(RegistrationOutcome Outcome, UserAccount? User)> RegisterAsync(
        string userName, string displayName, string? subject, bool sharing, CancellationToken cancellationToken)
    {
        var user = new UserAccount(UserId.New(), userName, await ComposeAsync(displayName, cancellationToken), sharing, Discoverable: true, Locked: false, SharingVersion: 1, FriendsVersion: 1);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction);
        if (subject is not null)
        {
            batch.Add("insert into subjects (subject, user_id) values ($1, $2) on conflict do nothing returning 1", subject, user.Id);
        }

        batch.Add("insert into user_names (name, user_id) values ($1, $2) on conflict do nothing returning 2", Key(userName), user.Id);
        batch.Add(
            "insert into users (id, user_name, display_name, sharing, created_at) values ($1, $2, $3, $4, $5)",
            user.Id, userName, user.DisplayName, sharing, clock.GetUtcNow());
        var inserted = await ReadNumbersAsync(batch, cancellationToken);
        if (subject is not null && !inserted.Contains(1))
        {
            return (RegistrationOutcome.RegisteredAlready, null);
        }

        if (!inserted.Contains(2))
        {
            return (RegistrationOutcome.NameTaken, null);
        }

        await transaction.CommitAsync(CancellationToken.None);
        return (RegistrationOutcome.Registered, user);
    }

    /// <summary>The user; null when there is none.</summary>
    public async Task<UserAccount?> FindAsync(long userId, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {UserAccount.Columns} from users where id = $1", userId);
        return (await command.ReadAllAsync(UserAccount.Read, cancellationToken)).SingleOrDefault();
    }

    /// <summary>The user that a token's subject stands for; null when there is none.</summary>
    public async Task<UserAccount?> FindBySubjectAsync(string subject, CancellationToken cancellationToken)
    {
        if (subjects.AreUserIds)
        {
            return UserId.Parse(subject) is { } id ? await FindAsync(id, cancellationToken) : null;
        }

        await using var command = database.Command("select user_id from subjects where subject = $1", subject);
        return await command.ExecuteScalarAsync(cancellationToken) is long userId ? await FindAsync(userId, cancellationToken) : null;
    }

    /// <summary>The user of this name, in any case, discoverable or not; null when there is none or it blocks <paramref name="askedBy"/>.</summary>
    /// <param name="userName">Exact but for case.</param>
    /// <param name="askedBy">Who looks; null for the system itself.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<UserAccount?> FindByNameAsync(string userName, long? askedBy, CancellationToken cancellationToken)
    {
        // The same statements whether the name is known or not, so that time does not tell one from the other.
        await using var named = database.Command("select user_id from user_names where name = $1", Key(userName));
        var userId = (long?)await named.ExecuteScalarAsync(cancellationToken) ?? 0;
        await using var found = database.Command(
            $"""
            select {UserAccount.Columns} from users
            where id = $1 and not exists (select from blocks where blocker_id = $1 and blocked_id = $2)
            """,
            userId, askedBy ?? 0);
        return (await found.ReadAllAsync(UserAccount.Read, cancellationToken)).SingleOrDefault();
    }

    /// <summary>These users, in one query; who does not exist is absent.</summary>
    public async Task<IReadOnlyDictionary<long, UserAccount>> FindManyAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {UserAccount.Columns} from users where id = any($1)", userIds.ToArray());
        return (await command.ReadAllAsync(UserAccount.Read, cancellationToken)).ToDictionary(user => user.Id);
    }

    /// <summary>
    /// Changes the user and tells the gateways. What is so already is not written again; an end of sharing has no effect on a
    /// user who does not share.
    /// </summary>
    /// <returns>The user after the change; null when there is none.</returns>
    public async Task<UserAccount?> ChangeAsync(long userId, UserChanges changes, CancellationToken cancellationToken)
    {
        if (changes.DisplayName is { } name)
        {
            changes = changes with { DisplayName = await ComposeAsync(name, cancellationToken) };
        }

        await using var transaction = await JournaledTransaction.BeginAsync(database, cancellationToken);
        if (await LockAsync(transaction, userId, cancellationToken) is not { } stored)
        {
            return null;
        }

        var before = EndIfDue(transaction, stored);
        var sharing = changes.Sharing ?? before.Sharing;
        var after = before with
        {
            DisplayName = changes.DisplayName ?? before.DisplayName,
            Discoverable = changes.Discoverable ?? before.Discoverable,
            Sharing = sharing,
            SharingUntil = sharing ? (changes.End ?? new(before.SharingUntil)).Until : null,
            Strangers = changes.Strangers ?? before.Strangers,
        };
        if (after == stored)
        {
            return stored;
        }

        if (after.DisplayName != before.DisplayName)
        {
            after = after with { FriendsVersion = before.FriendsVersion + 1 };
            transaction.Record(userId, ChangeKind.Renamed, after.FriendsVersion);
        }

        if (after.Sharing != before.Sharing || after.SharingUntil != before.SharingUntil)
        {
            after = after with { SharingVersion = before.SharingVersion + 1 };
            var kind = !after.Sharing ? ChangeKind.SharingEnded : before.Sharing ? ChangeKind.SharingEndChanged : ChangeKind.SharingStarted;
            transaction.Record(userId, kind, after.SharingVersion, detail: after.SharingUntil?.ToUnixTimeMilliseconds() ?? 0);
        }

        if (after.Strangers != before.Strangers)
        {
            after = after with { StrangersVersion = before.StrangersVersion + 1 };
            transaction.Record(userId, after.Strangers ? ChangeKind.StrangersStarted : ChangeKind.StrangersEnded, after.StrangersVersion);
        }

        transaction.Write(
            """
            update users set
                display_name = $2, friends_version = $3, discoverable = $4, sharing_version = $5, sharing = $6,
                sharing_since = case when $7 then clock_timestamp() else sharing_since end, sharing_until = $8,
                strangers = $9, strangers_version = $10
            where id = $1
            """,
            userId, after.DisplayName, after.FriendsVersion, after.Discoverable, after.SharingVersion, after.Sharing,
            after.Sharing && !before.Sharing, after.SharingUntil is { } until ? until : DBNull.Value,
            after.Strangers, after.StrangersVersion);
        await transaction.CommitAsync(announcer);
        return after;
    }

    /// <summary>
    /// Writes down that the sharing of some users has ended, which everybody who reads their end knows: up to 1,000 of those whose
    /// end has come. For the upkeep.
    /// </summary>
    /// <exception cref="NpgsqlException">The database is unavailable.</exception>
    public async Task EndSharingAsync(CancellationToken cancellationToken)
    {
        await using var find = database.Command("select id from users where sharing_until <= $1 limit 1000", clock.GetUtcNow());
        foreach (var userId in await find.ReadAllAsync(row => row.GetInt64(0), cancellationToken))
        {
            await ChangeAsync(userId, new UserChanges(), cancellationToken);
        }
    }

    /// <summary>
    /// Locks or unlocks an account. A locked one is served no request and has no session, and its friends see it no more.
    /// </summary>
    /// <returns>False when there is no such user.</returns>
    public async Task<bool> LockAsync(long userId, bool locked, CancellationToken cancellationToken)
    {
        await using var transaction = await JournaledTransaction.BeginAsync(database, cancellationToken);
        if (await LockAsync(transaction, userId, cancellationToken) is not { } user)
        {
            return false;
        }

        if (user.Locked != locked)
        {
            transaction.Write("update users set locked = $2, sharing_version = sharing_version + 1 where id = $1", userId, locked);
            transaction.Record(
                userId, locked ? ChangeKind.Locked : user.Sharing ? ChangeKind.SharingStarted : ChangeKind.SharingEnded, user.SharingVersion + 1,
                detail: locked ? 0 : user.SharingUntil?.ToUnixTimeMilliseconds() ?? 0);
            await transaction.CommitAsync(announcer);
        }

        return true;
    }

    /// <summary>
    /// Ends the account: from the commit on there is no such user, and the name is free. What else it left behind is erased by
    /// <see cref="AccountErasure"/>. No effect when there is no such user.
    /// </summary>
    public async Task DeleteAsync(long userId, CancellationToken cancellationToken)
    {
        await using var transaction = await JournaledTransaction.BeginAsync(database, cancellationToken);
        if (await LockAsync(transaction, userId, cancellationToken) is not { } user)
        {
            return;
        }

        transaction.Write("delete from subjects where user_id = $1", userId);
        transaction.Write("delete from user_names where name = $1", Key(user.UserName));
        transaction.Write("delete from devices where user_id = $1", userId);
        transaction.Write("delete from alerts where user_id = $1", userId);
        transaction.Write("delete from push_subscriptions where user_id = $1", userId);
        transaction.Write("delete from users where id = $1", userId);
        transaction.Write("insert into deletions (user_id) values ($1)", userId);
        transaction.Record(userId, ChangeKind.Deleted, user.SharingVersion + 1);
        await transaction.CommitAsync(announcer);
    }

    // An end that has come is a switch of its own: of two versions in a row that share, the later differs in its end only.
    private UserAccount EndIfDue(JournaledTransaction transaction, UserAccount user)
    {
        if (!user.Sharing || user.SharesAt(clock.GetUtcNow()))
        {
            return user;
        }

        transaction.Record(user.Id, ChangeKind.SharingEnded, user.SharingVersion + 1);
        return user with { Sharing = false, SharingUntil = null, SharingVersion = user.SharingVersion + 1 };
    }

    private static async Task<UserAccount?> LockAsync(JournaledTransaction transaction, long userId, CancellationToken cancellationToken)
    {
        await using var batch = transaction.FirstBatch();
        batch.Add($"select {UserAccount.Columns} from users where id = $1 for no key update", userId);
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? UserAccount.Read(row) : null;
    }

    private static async Task<HashSet<int>> ReadNumbersAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        var numbers = new HashSet<int>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        do
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                numbers.Add(reader.GetInt32(0));
            }
        }
        while (await reader.NextResultAsync(cancellationToken));
        return numbers;
    }

    /// <summary>
    /// A name in Unicode's form NFC, so that what looks the same is the same. By the database: the runtime would need ICU, without
    /// which this system runs.
    /// </summary>
    private async Task<string> ComposeAsync(string displayName, CancellationToken cancellationToken)
    {
        if (Ascii.IsValid(displayName))
        {
            return displayName;
        }

        await using var command = database.Command("select normalize($1, nfc)", displayName);
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static string Key(string userName) => userName.ToLowerInvariant();
}
