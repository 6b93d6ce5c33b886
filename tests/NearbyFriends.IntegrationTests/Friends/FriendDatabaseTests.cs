using NearbyFriends.Core;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.Schemas;
using NearbyFriends.TestServers;
using Npgsql;

namespace NearbyFriends.IntegrationTests.Friends;

public sealed class FriendDatabaseTests(Servers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Friends_and_what_they_show_are_read_from_indexes_alone()
    {
        await using var database = NpgsqlDataSource.Create(await servers.NewDatabaseAsync() + ";Maximum Pool Size=1"); // which counts what it reads
        await DatabaseMigrations.ApplyAsync(database, FriendSchema.Migrations, FriendSchema.Database, Cancel);
        await ExecuteAsync(database, """
            insert into users (id, user_name, display_name, sharing, created_at) values (7, 'ada', 'Ada', true, now());
            insert into friendships (user_id, friend_id, since, sees)
            select user_id, friend_id, now(), (user_id = 7 and friend_id = 142)::int
            from generate_series(1, 100) user_id, generate_series(101, 500) friend_id order by random();
            """);
        await ExecuteAsync(database, "vacuum analyze users, friendships");
        var before = await RowsReadAsync(database);

        var ada = await new FriendDatabase(database, new(AreUserIds: true)).LoadAsync(7, Cancel);

        Assert.Equal(Enumerable.Range(101, 400).Select(id => (long)id), ada!.Friends);
        Assert.Equal(142, Assert.Single(ada.Sees).Key);
        Assert.Equal(FriendVisibility.Unpack(1), ada.Sees[142]);
        Assert.Equal(before, await RowsReadAsync(database));
    }

    private static async Task<long> RowsReadAsync(NpgsqlDataSource database)
    {
        await ExecuteAsync(database, "select pg_stat_force_next_flush()");
        await using var rows = database.CreateCommand("select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where relname = 'friendships'");
        return (long)(await rows.ExecuteScalarAsync(Cancel))!;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
