using Microsoft.Extensions.Logging;
using NearbyFriends.Api.Migrating;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.Schemas;
using NearbyFriends.TestServers;
using Npgsql;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>The command <c>migrate</c>. Citus cannot be installed here: a stand-in has its catalog and records what is distributed.</summary>
public sealed class MigrateTests(Servers servers)
{
    private const string StandIn = """
        create table pg_dist_node (isactive boolean, noderole text, shouldhaveshards boolean);
        create table pg_dist_partition (logicalrelid regclass, distributed_by text, colocated_with text);
        create function create_distributed_table(table_name regclass, distribution_column text, colocate_with text default 'default') returns void
            language sql as 'insert into pg_dist_partition values ($1, $2, $3)';
        create function truncate_local_data_after_distributing_table(table_name regclass) returns void language sql as '';
        """;

    private static readonly Schema Users = new(FriendSchema.Database, FriendSchema.Migrations, FriendSchema.Distributed);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_one_server_it_applies_what_is_pending_and_distributes_nothing()
    {
        await using var database = NpgsqlDataSource.Create(await servers.NewDatabaseAsync());

        var done = await Users.MigrateAsync(database, withoutWorkers: false, Cancel);

        Assert.All(done, line => Assert.StartsWith("applied ", line, StringComparison.Ordinal));
        Assert.Empty(await Users.MigrateAsync(database, withoutWorkers: false, Cancel));
    }

    [Fact]
    public async Task A_database_that_became_a_cluster_later_is_distributed_once_its_workers_are_there()
    {
        await using var database = NpgsqlDataSource.Create(await servers.NewDatabaseAsync());
        await Users.MigrateAsync(database, withoutWorkers: false, Cancel);
        await ExecuteAsync(database, StandIn);

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => Users.MigrateAsync(database, withoutWorkers: false, Cancel));
        await ExecuteAsync(database, "insert into pg_dist_node values (true, 'primary', true)");
        var done = await Users.MigrateAsync(database, withoutWorkers: false, Cancel);

        Assert.Contains("without workers", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(FriendSchema.Distributed.Select(table => $"distributed {table.Name}"), done);
        Assert.Empty(await Users.MigrateAsync(database, withoutWorkers: false, Cancel));
    }

    [Fact]
    public async Task A_service_that_starts_before_the_workers_waits_for_them()
    {
        await using var database = NpgsqlDataSource.Create(await servers.NewDatabaseAsync());
        await ExecuteAsync(database, StandIn);
        var log = new FirstWarning();
        using var migration = new SchemaMigration(database, FriendSchema.Database, FriendSchema.Migrations, TimeProvider.System, log);
        await migration.StartAsync(Cancel);

        var warning = await log.Exception.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        await ExecuteAsync(database, "insert into pg_dist_node values (true, 'primary', true)");
        await migration.Ready.WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        Assert.Contains("without workers", warning!.Message, StringComparison.Ordinal);
        await migration.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_cluster_without_workers_will_do_when_told()
    {
        await using var database = NpgsqlDataSource.Create(await servers.NewDatabaseAsync());
        await ExecuteAsync(database, StandIn);

        Assert.Contains("distributed users", await Users.MigrateAsync(database, withoutWorkers: true, Cancel));
    }

    [Fact]
    public async Task An_administrator_creates_the_database_and_the_login_that_owns_it()
    {
        var administrator = await servers.NewDatabaseAsync();
        var name = $"made-{Guid.NewGuid():N}";
        var service = new NpgsqlConnectionStringBuilder(administrator) { Database = name, Username = $"{name}'s \"own\"", Password = "it's" }.ConnectionString;

        var created = await DatabaseCreation.CreateAsync(administrator, service, Cancel);

        Assert.Equal(2, created.Count);
        Assert.Empty(await DatabaseCreation.CreateAsync(administrator, service, Cancel));
        await using var database = NpgsqlDataSource.Create(service);
        Assert.NotEmpty(await Users.MigrateAsync(database, withoutWorkers: false, Cancel));
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private sealed class FirstWarning : ILogger<SchemaMigration>
    {
        private readonly TaskCompletionSource<Exception?> _exception = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Exception?> Exception => _exception.Task;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _exception.TrySetResult(exception);
    }
}
