using Microsoft.Extensions.Options;
using NearbyFriends.Client;
using NearbyFriends.Client.Locations;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.ServiceDefaults.Schemas;
using Npgsql;

namespace NearbyFriends.Benchmarks.Crowds;

/// <summary>
/// Users of a benchmark: numbers from 0, each a friend of as many others, all within sight of each other and each moving
/// a little once an interval, at a moment of its own.
/// </summary>
internal sealed class Crowd
{
    /// <summary>Key of the tokens of a benchmark's users; gateways take it as <c>Auth:SigningKey</c>.</summary>
    public const string SigningKey = "a signing key that only the benchmarks use, 32 bytes or more";

    private const double MetresPerDegree = 111_195;
    private const double South = 37.56;
    private const double West = 126.97;
    private const double Extent = 2_000; // metres
    private readonly DevelopmentTokens _tokens = new(Options.Create(new AuthOptions { SigningKey = SigningKey }), TimeProvider.System);
    private readonly int[] _offsets;
    private readonly (double North, double East)[] _homes;
    private readonly double _stepMetres;

    /// <param name="users">How many; more than twice the friends.</param>
    /// <param name="friends">Of each; even. User u has u plus and minus 1, 2, 3 and so on.</param>
    /// <param name="stepMetres">How far from its place a user moves about.</param>
    public Crowd(int users, int friends, double stepMetres)
    {
        var random = new Random(1);
        _stepMetres = stepMetres;
        _offsets = [.. Enumerable.Range(1, friends / 2).SelectMany(offset => new[] { offset, -offset })];
        _homes = [.. Enumerable.Range(0, users).Select(_ => (random.NextDouble() * Extent, random.NextDouble() * Extent))];
    }

    /// <summary>The middle of where all are, degrees.</summary>
    public static (double Latitude, double Longitude) Middle => (South + (Extent / 2 / MetresPerDegree), West + (Extent / 2 / MetresPerDegree));

    /// <summary>How many.</summary>
    public int Count => _homes.Length;

    /// <summary>Friends of each.</summary>
    public int FriendCount => _offsets.Length;

    /// <summary>A user's id.</summary>
    public static long IdOf(int user) => user + 1;

    /// <summary>The user with this id.</summary>
    public static int UserOf(long id) => (int)(id - 1);

    /// <summary>A user's friends.</summary>
    public IEnumerable<int> FriendsOf(int user) => _offsets.Select(offset => (user + offset + Count) % Count);

    /// <summary>Where a user is at the <paramref name="step"/>th update: on a circle about its place.</summary>
    public Location At(int user, int step, long time)
    {
        var (north, east) = _homes[user];
        var (sin, cos) = Math.SinCos(step);
        return new Location(South + ((north + (sin * _stepMetres)) / MetresPerDegree), West + ((east + (cos * _stepMetres)) / MetresPerDegree), time);
    }

    /// <summary>A new access token of a user.</summary>
    public string TokenOf(int user) => _tokens.Issue(IdOf(user));

    /// <summary>A client of a user, not connected yet.</summary>
    public NearbyClient ClientOf(int user, Uri gateway, TimeSpan? flush) => new(new()
    {
        Gateway = gateway,
        AccessToken = (_, _) => ValueTask.FromResult(TokenOf(user)),
        Flush = flush,
        KeepAlive = Timeout.InfiniteTimeSpan,
    });

    /// <summary>Puts users and friendships into an empty database, and the schema before them.</summary>
    public async Task StoreAsync(string connectionString)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await DatabaseMigrations.ApplyAsync(database, FriendSchema.Migrations, FriendSchema.Database, CancellationToken.None);
        await using var users = database.CreateCommand(
            "insert into users (id, user_name, display_name, sharing, friend_count, created_at) select id, 'user' || id, 'User ' || id, true, $2, now() from generate_series(1, $1) id");
        users.Parameters.Add(new() { Value = (long)Count });
        users.Parameters.Add(new() { Value = FriendCount });
        await users.ExecuteNonQueryAsync();
        await using var names = database.CreateCommand("insert into user_names (name, user_id) select user_name, id from users");
        await names.ExecuteNonQueryAsync();
        await using var friends = database.CreateCommand(
            "insert into friendships (user_id, friend_id, since) select * from unnest($1::bigint[], $2::bigint[]), (select now()) since");
        var pairs = Enumerable.Range(0, Count).SelectMany(user => FriendsOf(user).Select(friend => (User: IdOf(user), Friend: IdOf(friend)))).ToList();
        friends.Parameters.Add(new() { Value = pairs.ConvertAll(pair => pair.User).ToArray() });
        friends.Parameters.Add(new() { Value = pairs.ConvertAll(pair => pair.Friend).ToArray() });
        await friends.ExecuteNonQueryAsync();
    }
}
