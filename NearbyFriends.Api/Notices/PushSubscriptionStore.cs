using System.Security.Cryptography;
using System.Text;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.Notices;

/// <summary>A browser that takes the notices of its user.</summary>
/// <param name="Id">Among the user's.</param>
/// <param name="Endpoint">Where its push service takes messages; whoever knows it can send there.</param>
/// <param name="PublicKey">The browser's, base64url.</param>
/// <param name="Auth">A secret of browser and sender, base64url.</param>
/// <param name="CreatedAt">When it was subscribed, or its keys were replaced.</param>
public sealed record StoredSubscription(string Id, string Endpoint, string PublicKey, string Auth, DateTimeOffset CreatedAt);

/// <summary>The browsers of each user that take notices.</summary>
public sealed class PushSubscriptionStore([FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>Browsers of one user; one more takes the place of the oldest.</summary>
    public const int Max = 10;

    private const int IdBytes = 16;

    /// <summary>The user's browsers, the oldest first.</summary>
    public async Task<IReadOnlyList<StoredSubscription>> ListAsync(long userId, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            "select id, endpoint, p256dh, auth, created_at from push_subscriptions where user_id = $1 order by created_at, id", userId);
        return await command.ReadAllAsync(
            row => new StoredSubscription(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4)),
            cancellationToken);
    }

    /// <summary>Adds a browser; the one that has this endpoint gets the new keys.</summary>
    public async Task<StoredSubscription> AddAsync(long userId, string endpoint, string publicKey, string auth, CancellationToken cancellationToken)
    {
        var added = new StoredSubscription(IdOf(endpoint), endpoint, publicKey, auth, clock.GetUtcNow());

        // The user's row is locked, so that of several at once none is one too many.
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("select from users where id = $1 for no key update", userId);
        batch.Add(
            """
            insert into push_subscriptions (user_id, id, endpoint, p256dh, auth, created_at) values ($1, $2, $3, $4, $5, $6)
            on conflict (user_id, id) do update set p256dh = excluded.p256dh, auth = excluded.auth, created_at = excluded.created_at
            """,
            userId, added.Id, endpoint, publicKey, auth, added.CreatedAt);
        batch.Add(
            """
            delete from push_subscriptions where user_id = $1 and id in (
                select id from push_subscriptions where user_id = $1 order by created_at desc, id offset $2)
            """,
            userId, Max);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return added;
    }

    /// <summary>Sends nothing to a browser any more; no effect when there is no such browser.</summary>
    public async Task RemoveAsync(long userId, string id, CancellationToken cancellationToken)
    {
        await using var command = database.Command("delete from push_subscriptions where user_id = $1 and id = $2", userId, id);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string IdOf(string endpoint) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(endpoint)).AsSpan(0, IdBytes));
}
