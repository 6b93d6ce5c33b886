using System.Buffers.Binary;
using System.Collections.ObjectModel;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Core;
using Npgsql;

namespace NearbyFriends.People;

/// <summary>Users and friendships from our own database (<c>Friends:Source=Database</c>).</summary>
/// <remarks>
/// A gateway loads a user for every connection, so that is one prepared statement whose answer is one row with the friend ids as
/// bytes: no row per friend is parsed on either side, nor an array element by element. Friends and what they show are read from indexes
/// alone. Several users are as many statements in one round trip rather than one statement, which would ask all shards.
/// </remarks>
/// <param name="database">Database <c>users</c>.</param>
/// <param name="options">Says whether a subject is a user's id.</param>
public sealed class FriendDatabase([FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database, FriendSubjects options) : IFriendSource
{
    private const string LoadSql = """
        select display_name, locked, friends_version, sharing, sharing_version, sharing_since, sharing_until,
               case when strangers then strangers_version else 0 end,
               (select string_agg(int8send(friend_id), '') from friendships where user_id = $1),
               (select string_agg(int8send(friend_id) || int8send(sees), '') from friendships where user_id = $1 and sees <> 0),
               (select string_agg(int8send(friend_id) || int8send(within_m) || int8send(cooldown_s), '') from alerts where user_id = $1)
        from users
        where id = $1
        """;

    // The clock may have been set back since the row of the cursor was stamped: then the last rows are those around now.
    private const string ChangesSql = """
        select user_id, kind, version, other_id, changed_at, detail from changes
        where changed_at > least($1, now()) - $2
        order by version
        """;

    /// <inheritdoc/>
    public async Task<UserFriends?> LoadAsync(long userId, CancellationToken cancellationToken) => (await LoadAsync([userId], cancellationToken))[0];

    /// <inheritdoc/>
    public async Task<UserFriends?[]> LoadAsync(IReadOnlyList<long> userIds, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var userId in userIds)
        {
            batch.BatchCommands.Add(new(LoadSql) { Parameters = { new NpgsqlParameter<long> { TypedValue = userId } } });
        }

        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var users = new UserFriends?[userIds.Count];
        for (var i = 0; i < users.Length; i++)
        {
            users[i] = await reader.ReadAsync(cancellationToken) ? ReadUser(userIds[i], reader) : null;
            await reader.NextResultAsync(cancellationToken);
        }

        return users;
    }

    /// <inheritdoc/>
    /// <remarks>A subject of this system's own tokens is answered without asking the database whether the user still exists.</remarks>
    public async Task<long?> FindBySubjectAsync(string subject, CancellationToken cancellationToken)
    {
        if (options.AreUserIds)
        {
            return UserId.Parse(subject);
        }

        await using var command = database.Command("select user_id from subjects where subject = $1", subject);
        return (long?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>The same statements whether the name is known or not, so that time does not tell one from the other.</remarks>
    public async Task<long?> FindByDeviceAsync(string userName, string password, CancellationToken cancellationToken)
    {
        await using var named = database.Command("select user_id from user_names where name = $1", userName.ToLowerInvariant());
        var userId = (long?)await named.ExecuteScalarAsync(cancellationToken) ?? 0;
        await using var found = database.Command(
            """
            select user_id from devices
            where user_id = $1 and password = $2 and exists (select from users where id = $1 and not locked)
            """,
            userId, DevicePassword.Hash(password));
        return (long?)await found.ExecuteScalarAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<long, string>> DisplayNamesAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken)
    {
        var names = new Dictionary<long, string>(userIds.Count);
        await using var command = database.Command("select id, display_name from users where id = any($1)", userIds.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            names.Add(reader.GetInt64(0), reader.GetString(1));
        }

        return names;
    }

    /// <inheritdoc/>
    public async Task<UserSharing?> FindSharingAsync(long userId, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            """
            select sharing, sharing_version, sharing_since, sharing_until, case when strangers then strangers_version else 0 end
            from users
            where id = $1 and not locked
            """,
            userId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? ReadSharing(reader, 0) : null;
    }

    /// <inheritdoc/>
    public async Task<long[]> LoadBlocksAsync(long userId, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            "select blocked_id from blocks where blocker_id = $1 union select blocker_id from blocked_by where user_id = $1", userId);
        return [.. await command.ReadAllAsync(row => row.GetInt64(0), cancellationToken)];
    }

    /// <inheritdoc/>
    /// <remarks>The cursor is the stamp of the newest row, in microseconds. Of all statements it alone asks every shard.</remarks>
    /// <exception cref="FormatException">The cursor is none (<see cref="IsCursor"/>).</exception>
    public async Task<JournalTail> ReadChangesAsync(string? cursor, TimeSpan last, CancellationToken cancellationToken)
    {
        // Without a cursor the greatest time, which is 'infinity' to the database: the least of it and now is now.
        var after = cursor is null
            ? DateTimeOffset.MaxValue
            : TryReadCursor(cursor, out var time) ? time : throw new FormatException("The journal's cursor is malformed.");
        await using var command = database.Command(ChangesSql, after, cursor is null ? last : Journal.Overlap);
        var changes = await command.ReadAllAsync(
            row => new Change(
                row.GetInt64(0), (ChangeKind)row.GetInt16(1), row.GetInt64(2), row.GetInt64(3), row.GetFieldValue<DateTimeOffset>(4),
                row.GetInt64(5)),
            cancellationToken);
        return new(changes, changes.Count == 0 ? cursor : WriteCursor(changes.Max(change => change.ChangedAt)));
    }

    /// <summary>Whether the text can be a cursor of <see cref="ReadChangesAsync"/>.</summary>
    public static bool IsCursor(string cursor) => TryReadCursor(cursor, out _);

    private static UserFriends ReadUser(long userId, NpgsqlDataReader row)
    {
        var friends = ReadNumbers(row, 8);
        Array.Sort(friends); // a tenth of what it costs the database
        return new(userId, row.GetString(0), ReadSharing(row, 3), row.GetBoolean(1), row.GetInt64(2), friends)
        {
            Sees = ReadVisibilities(ReadNumbers(row, 9)),
            Alerts = ReadAlerts(ReadNumbers(row, 10)),
        };
    }

    /// <summary>The numbers of a column of bytes, 8 each, big endian; none where it is null.</summary>
    private static long[] ReadNumbers(NpgsqlDataReader row, int at)
    {
        if (row.IsDBNull(at))
        {
            return [];
        }

        var bytes = row.GetFieldValue<byte[]>(at);
        var numbers = new long[bytes.Length / sizeof(long)];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(i * sizeof(long)));
        }

        return numbers;
    }

    /// <param name="pairs">A friend, and what it shows; and so on.</param>
    private static IReadOnlyDictionary<long, FriendVisibility> ReadVisibilities(long[] pairs) => pairs.Length == 0
        ? ReadOnlyDictionary<long, FriendVisibility>.Empty
        : pairs.Chunk(2).ToDictionary(pair => pair[0], pair => FriendVisibility.Unpack(pair[1]));

    /// <param name="rules">A friend, the distance in metres and the cooldown in seconds; and so on.</param>
    private static IReadOnlyDictionary<long, AlertRule> ReadAlerts(long[] rules) => rules.Length == 0
        ? ReadOnlyDictionary<long, AlertRule>.Empty
        : rules.Chunk(3).ToDictionary(rule => rule[0], rule => new AlertRule((int)rule[1], (int)rule[2]));

    private static UserSharing ReadSharing(NpgsqlDataReader row, int at) => new(
        row.GetBoolean(at), row.GetInt64(at + 1), ReadTime(row, at + 2), ReadTime(row, at + 3), row.GetInt64(at + 4));

    private static long ReadTime(NpgsqlDataReader row, int at) =>
        row.IsDBNull(at) ? 0 : row.GetFieldValue<DateTimeOffset>(at).ToUnixTimeMilliseconds();

    private static string WriteCursor(DateTimeOffset time) =>
        ((time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture);

    private static bool TryReadCursor(string cursor, out DateTimeOffset time)
    {
        var isCursor = long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            && microseconds <= (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        time = isCursor ? DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond) : default;
        return isCursor;
    }
}
