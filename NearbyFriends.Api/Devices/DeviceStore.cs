using System.Security.Cryptography;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.Devices;

/// <summary>A device that has a password of its own.</summary>
/// <param name="Id">Among the user's devices.</param>
/// <param name="Name">As the user calls it.</param>
/// <param name="CreatedAt">When it got its password.</param>
public sealed record Device(long Id, string Name, DateTimeOffset CreatedAt);

/// <summary>The devices of a user that know no tokens, and their passwords.</summary>
public sealed class DeviceStore([FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>Devices that a user may have.</summary>
    public const int Max = 20;

    /// <summary>The user's devices, the oldest first.</summary>
    public async Task<IReadOnlyList<Device>> ListAsync(long userId, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select id, name, created_at from devices where user_id = $1 order by created_at, id", userId);
        return await command.ReadAllAsync(row => new Device(row.GetInt64(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2)), cancellationToken);
    }

    /// <summary>Adds a device with a new password, which nobody can read again.</summary>
    /// <returns>Null when the user has as many as allowed.</returns>
    public async Task<(Device Device, string Password)?> AddAsync(long userId, string name, CancellationToken cancellationToken)
    {
        var device = new Device(RandomNumberGenerator.GetInt32(1, int.MaxValue), name, clock.GetUtcNow());
        var password = DevicePassword.New();

        // The user's row is locked, so that of several at once none is one too many.
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("select from users where id = $1 for no key update", userId);
        batch.Add(
            """
            insert into devices (user_id, id, name, password, created_at)
            select $1, $2, $3, $4, $5 where (select count(*) from devices where user_id = $1) < $6
            """,
            userId, device.Id, name, DevicePassword.Hash(password), device.CreatedAt, Max);
        return await batch.ExecuteNonQueryAsync(cancellationToken) > 0 ? (device, password) : null;
    }

    /// <summary>Takes a device's password away; no effect when there is no such device.</summary>
    public async Task RemoveAsync(long userId, long id, CancellationToken cancellationToken)
    {
        await using var command = database.Command("delete from devices where user_id = $1 and id = $2", userId, id);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
