using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.Schemas;
using NearbyFriends.TestServers;
using Npgsql;

namespace NearbyFriends.IntegrationTests.Api;

public sealed class SchemaTests(Servers servers)
{
    [Fact]
    public async Task Of_many_who_migrate_at_once_one_applies_each_file()
    {
        await using var database = NpgsqlDataSource.Create(await servers.NewDatabaseAsync());

        var applied = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => MigrateAsync(database)));

        Assert.Single(applied, files => files.Count > 0);
        Assert.Empty(await MigrateAsync(database));
    }

    [Fact]
    public async Task A_migration_may_take_longer_than_a_command()
    {
        var connection = await servers.NewDatabaseAsync();
        await using var database = NpgsqlDataSource.Create(connection);
        await using var migrated = NpgsqlDataSource.Create(connection + ";Command Timeout=1;Internal Command Timeout=60"); // the latter is for the commit
        await using var inTheWay = await database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await inTheWay.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var create = new NpgsqlCommand("create table users ()", inTheWay, transaction);
        await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var migration = MigrateAsync(migrated);
        await Eventually.True(
            async () => migration.IsCompleted || await WaitsLongerThanACommandAsync(), "it waits for the table of that name, longer than a command");
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);

        Assert.NotEmpty(await migration);

        async Task<bool> WaitsLongerThanACommandAsync()
        {
            await using var waiting = database.CreateCommand(
                "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query_start < now() - interval '1.5 s')");
            return (bool)(await waiting.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        }
    }

    [Fact]
    public async Task A_service_is_not_ready_before_the_schema_is_there()
    {
        await using var database = NpgsqlDataSource.Create(await servers.NewDatabaseAsync());
        using var readiness = new SchemaReadiness(database, FriendSchema.Database, FriendSchema.Migrations, TimeProvider.System);
        await readiness.StartAsync(TestContext.Current.CancellationToken);

        Assert.False(readiness.IsApplied);
        await MigrateAsync(database);

        await Eventually.True(() => readiness.IsApplied, "the schema is found");
        await readiness.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_Api_waits_for_a_database_that_comes_late()
    {
        await using var postgres = await PostgresServer.StartAsync();
        var settings = await ApiServer.NewSystemAsync(servers);
        settings["ConnectionStrings:users"] = await postgres.CreateDatabaseAsync("users");
        await postgres.KillAsync();

        var starting = ApiServer.StartAsync(settings);
        await postgres.RestartAsync();

        await using var api = await starting;
        Assert.NotEmpty((await api.RegisterAsync()).Id);
    }

    [Fact]
    public async Task Every_key_holds_the_column_that_distributes_its_table()
    {
        var distributedBy = FriendSchema.Distributed.ToDictionary(table => table.Name, table => table.Column, StringComparer.Ordinal);
        await using var database = NpgsqlDataSource.Create(await servers.NewDatabaseAsync());
        await MigrateAsync(database);

        await using var keys = database.CreateCommand("""
            select tables.relname, (select array_agg(attname::text) from pg_attribute where attrelid = indexes.indrelid and attnum = any(indexes.indkey))
            from pg_index indexes join pg_class tables on tables.oid = indexes.indrelid
            where indexes.indisunique and tables.relnamespace = 'public'::regnamespace and tables.relname <> 'schema_migrations'
            """);
        await using var row = await keys.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var tables = new HashSet<string>(StringComparer.Ordinal);
        while (await row.ReadAsync(TestContext.Current.CancellationToken))
        {
            tables.Add(row.GetString(0));
            Assert.Contains(distributedBy[row.GetString(0)], row.GetFieldValue<string[]>(1));
        }

        Assert.Equal(distributedBy.Keys.Order(StringComparer.Ordinal), tables.Order(StringComparer.Ordinal));
    }

    private static Task<IReadOnlyList<string>> MigrateAsync(NpgsqlDataSource database) =>
        DatabaseMigrations.ApplyAsync(database, FriendSchema.Migrations, FriendSchema.Database, TestContext.Current.CancellationToken);
}
