using NearbyFriends.Api.Changes;
using NearbyFriends.Core;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.Alerts;

/// <summary>Of which friends each user is told when they come near. Gateways learn of each change like of any other of the user's friends.</summary>
public sealed class AlertRules([FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database, ChangeAnnouncer announcer)
{
    /// <summary>The user's rules; the one about anyone, if there is one, comes first.</summary>
    public async Task<IReadOnlyList<(long Friend, AlertRule Rule)>> ListAsync(long user, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select friend_id, within_m, cooldown_s from alerts where user_id = $1 order by friend_id", user);
        return await command.ReadAllAsync(row => (row.GetInt64(0), new AlertRule(row.GetInt32(1), row.GetInt32(2))), cancellationToken);
    }

    /// <summary>Sets the rule about a friend, or about <see cref="AlertRule.Anyone"/>.</summary>
    /// <returns>False when they are no friends.</returns>
    public async Task<bool> SetAsync(long user, long friend, AlertRule rule, CancellationToken cancellationToken)
    {
        await using var transaction = await JournaledTransaction.BeginAsync(database, cancellationToken);
        if (await LockAsync(transaction, user, friend, cancellationToken) is not (var version, var isFriend, var before)
            || (!isFriend && friend != AlertRule.Anyone))
        {
            return false;
        }

        if (before == rule)
        {
            return true;
        }

        transaction.Write(
            """
            insert into alerts (user_id, friend_id, within_m, cooldown_s) values ($1, $2, $3, $4)
            on conflict (user_id, friend_id) do update set within_m = excluded.within_m, cooldown_s = excluded.cooldown_s
            """,
            user, friend, rule.WithinMetres, rule.CooldownSeconds);
        await CommitAsync(transaction, user, version);
        return true;
    }

    /// <summary>Takes a rule away; no effect when there is none.</summary>
    public async Task RemoveAsync(long user, long friend, CancellationToken cancellationToken)
    {
        await using var transaction = await JournaledTransaction.BeginAsync(database, cancellationToken);
        if (await LockAsync(transaction, user, friend, cancellationToken) is not (var version, _, not null))
        {
            return;
        }

        transaction.Write("delete from alerts where user_id = $1 and friend_id = $2", user, friend);
        await CommitAsync(transaction, user, version);
    }

    private Task CommitAsync(JournaledTransaction transaction, long user, long version)
    {
        transaction.Write("update users set friends_version = friends_version + 1 where id = $1", user);
        transaction.Record(user, ChangeKind.AlertsChanged, version + 1);
        return transaction.CommitAsync(announcer);
    }

    /// <summary>Locks the user's row, under which its friendships and rules change; null when there is no such user.</summary>
    private static async Task<(long Version, bool IsFriend, AlertRule? Rule)?> LockAsync(
        JournaledTransaction transaction, long user, long friend, CancellationToken cancellationToken)
    {
        await using var batch = transaction.FirstBatch();
        batch.Add("select friends_version from users where id = $1 for no key update", user);
        batch.Add("select exists (select from friendships where user_id = $1 and friend_id = $2)", user, friend);
        batch.Add("select within_m, cooldown_s from alerts where user_id = $1 and friend_id = $2", user, friend);
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }

        var version = row.GetInt64(0);
        await row.NextResultAsync(cancellationToken);
        var isFriend = await row.ReadAsync(cancellationToken) && row.GetBoolean(0);
        await row.NextResultAsync(cancellationToken);
        return (version, isFriend, await row.ReadAsync(cancellationToken) ? new AlertRule(row.GetInt32(0), row.GetInt32(1)) : null);
    }
}
