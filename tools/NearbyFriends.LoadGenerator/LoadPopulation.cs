using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;

namespace NearbyFriends.LoadGenerator;

/// <summary>
/// The people of a load: in towns, each a friend of <see cref="NearbyFriends"/> neighbours who are connected too, and of
/// others, drawn from <see cref="Strangers"/> ids, who are not.
/// </summary>
/// <remarks>
/// Written straight into the database and given tokens signed with the development key: fifteen thousand users with four
/// hundred friends each would take the API six million requests. Rows are those that the API would have written, but that
/// friends who never connect have no row of their own.
/// </remarks>
public sealed record LoadPopulation(int Users, int Friends, int NearbyFriends)
{
    /// <summary>From so many ids those friends are drawn who are not connected; a large city's worth.</summary>
    public const long Strangers = 60_000_000;

    private const long FirstUser = 1L << 52;
    private const long FirstStranger = 1L << 51;
    private const int TownSize = 200;
    private const int TownsInARow = 300;
    private const string Issuer = "nearbyfriends";

    /// <summary>The id of the user with this number, 0 to <see cref="Users"/> - 1.</summary>
    public static long IdOf(int user) => FirstUser + user;

    /// <summary>Where a user stands: with the town, at most two kilometres from its centre, towns a degree apart.</summary>
    public static (double Latitude, double Longitude) HomeOf(int user)
    {
        var town = user / TownSize;
        var random = new Random(user);
        return (-60 + (town / TownsInARow) + (random.NextDouble() * 0.02), -150 + (town % TownsInARow) + (random.NextDouble() * 0.02));
    }

    /// <summary>The numbers of the users who are friends of this one: the same many before and after it in the ring of the town.</summary>
    public IEnumerable<int> NeighboursOf(int user)
    {
        var first = user / TownSize * TownSize;
        var size = Math.Min(TownSize, Users - first);
        var reach = Math.Min(NearbyFriends / 2, (size - 1) / 2);
        for (var step = 1; step <= reach; step++)
        {
            yield return first + ((user - first + step) % size);
            yield return first + ((user - first + size - step) % size);
        }
    }

    /// <summary>The ids of all friends of the user with this number; first those who are connected.</summary>
    public IReadOnlyCollection<long> FriendsOf(int user)
    {
        var friends = NeighboursOf(user).Select(IdOf).ToHashSet();
        var random = new Random(user);
        while (friends.Count < Friends)
        {
            friends.Add(FirstStranger + random.NextInt64(Strangers));
        }

        return friends;
    }

    /// <summary>Writes users and friendships into the database <c>users</c>, whose tables exist; what an earlier load left goes.</summary>
    /// <exception cref="NpgsqlException">The database is unavailable, or has no tables.</exception>
    public async Task WriteAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(connectionString + ";Command Timeout=600");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using (var clean = new NpgsqlCommand("delete from friendships where user_id >= $1; delete from users where id >= $1", connection))
        {
            clean.CommandText = clean.CommandText.Replace("$1", $"{FirstUser}", StringComparison.Ordinal);
            await clean.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var users = await connection.BeginBinaryImportAsync(
            "copy users (id, user_name, display_name, sharing, friend_count, created_at) from stdin (format binary)", cancellationToken))
        {
            var now = DateTime.UtcNow;
            for (var user = 0; user < Users; user++)
            {
                await users.WriteRowAsync(cancellationToken, IdOf(user), $"load-{user}", $"Load {user}", true, Friends, now);
            }

            await users.CompleteAsync(cancellationToken);
        }

        await using (var friendships = await connection.BeginBinaryImportAsync(
            "copy friendships (user_id, friend_id, since) from stdin (format binary)", cancellationToken))
        {
            var now = DateTime.UtcNow;
            for (var user = 0; user < Users; user++)
            {
                foreach (var friend in FriendsOf(user))
                {
                    await friendships.WriteRowAsync(cancellationToken, IdOf(user), friend, now);
                }
            }

            await friendships.CompleteAsync(cancellationToken);
        }

        // Which the database does by itself soon after so many rows.
        await using var vacuum = new NpgsqlCommand("vacuum analyze users, friendships", connection);
        await vacuum.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A token of a user, as the development issuer would sign it.</summary>
    public static string TokenOf(int user, string signingKey)
    {
        var now = DateTime.UtcNow;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Issuer,
            Claims = new Dictionary<string, object> { ["sub"] = $"{IdOf(user)}" },
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddHours(12),
            SigningCredentials = new(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(signingKey)), SecurityAlgorithms.HmacSha256),
        });
    }
}
