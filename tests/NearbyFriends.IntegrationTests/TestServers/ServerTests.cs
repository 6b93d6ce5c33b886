using System.Net.Sockets;
using NearbyFriends.TestServers;
using Npgsql;

namespace NearbyFriends.IntegrationTests.TestServers;

public class ServerTests(Servers servers)
{
    [Fact]
    public async Task A_redis_server_that_was_killed_comes_back_on_the_same_port()
    {
        await using var redis = await RedisServer.StartAsync();
        var port = redis.Port;

        await redis.KillAsync();
        await Assert.ThrowsAnyAsync<SocketException>(() => ConnectAsync(port));

        await redis.RestartAsync();
        await ConnectAsync(redis.Port);
        Assert.Equal(port, redis.Port);
    }

    [Fact]
    public async Task A_postgres_server_that_was_killed_comes_back_with_what_was_committed()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync("kept"));
        await ExecuteAsync(database, "create table points (id int)");
        await ExecuteAsync(database, "insert into points values (7)");

        await postgres.KillAsync();
        await postgres.RestartAsync();

        database.Clear();
        Assert.Equal(7, await ExecuteAsync(database, "select id from points"));
    }

    [Fact]
    public async Task An_etcd_server_that_was_killed_comes_back_with_its_data()
    {
        await using var etcd = await EtcdServer.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(etcd.Url) };
        using var put = await client.PostAsync("v3/kv/put", new StringContent("""{"key":"cmluZw==","value":"b25l"}"""), TestContext.Current.CancellationToken);

        await etcd.RestartAsync();

        using var range = await client.PostAsync("v3/kv/range", new StringContent("""{"key":"cmluZw=="}"""), TestContext.Current.CancellationToken);
        Assert.Contains("b25l", await range.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tests_get_databases_of_their_own_on_the_shared_server()
    {
        await using var one = NpgsqlDataSource.Create(await servers.NewDatabaseAsync());
        await using var other = NpgsqlDataSource.Create(await servers.NewDatabaseAsync());

        await ExecuteAsync(one, "create table mine (id int)");
        await ExecuteAsync(other, "create table mine (id int)");
    }

    [Fact]
    public async Task A_condition_that_never_holds_fails_with_a_sentence()
    {
        var failure = await Assert.ThrowsAsync<TimeoutException>(
            () => Eventually.True(() => false, "pigs fly", TimeSpan.FromMilliseconds(50)));

        Assert.Equal("Expected within 0.1 s: pigs fly.", failure.Message);
    }

    private static async Task ConnectAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
    }

    private static async Task<object?> ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
