using Microsoft.Extensions.Diagnostics.HealthChecks;
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
    public async Task A_service_is_not_ready_before_the_schema_is_there()
    {
        await using var database = NpgsqlDataSource.Create(await servers.NewDatabaseAsync());
        var readiness = new SchemaReadiness(database, FriendSchema.Database, FriendSchema.Migrations);
        var context = new HealthCheckContext
        {
            Registration = new("users-schema", readiness, HealthStatus.Unhealthy, null),
        };

        var before = await readiness.CheckHealthAsync(context, TestContext.Current.CancellationToken);
        await MigrateAsync(database);
        var after = await readiness.CheckHealthAsync(context, TestContext.Current.CancellationToken);

        Assert.Equal(HealthStatus.Unhealthy, before.Status);
        Assert.Equal(HealthStatus.Healthy, after.Status);
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
        var distributedBy = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["users"] = "id",
            ["user_names"] = "name",
            ["subjects"] = "subject",
            ["friendships"] = "user_id",
            ["friend_requests"] = "addressee_id",
            ["blocks"] = "blocker_id",
            ["blocked_by"] = "user_id",
            ["changes"] = "user_id",
            ["deletions"] = "user_id",
        };
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
