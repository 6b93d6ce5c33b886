using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;
using Npgsql;

namespace NearbyFriends.IntegrationTests.Registration;

/// <summary>The system on servers that want TLS and a password, whose certificates an authority signed that the machine does not know.</summary>
public sealed class SecuredServersTests(Servers servers)
{
    private const string Password = "p@ss:word/of the tests";

    [Fact]
    public async Task Friends_meet_on_servers_with_TLS_and_passwords_and_an_unknown_authority_is_refused()
    {
        using var authority = new TestAuthority();
        await using var postgres = await PostgresServer.StartAsync();
        await postgres.CreateDatabaseAsync("users");
        await postgres.CreateDatabaseAsync("history");
        var users = await postgres.RequireTlsAsync("users", authority, Password);
        await using var redis = await RedisServer.StartAsync();
        var secured = await redis.OpenTlsAsync(authority);
        await using var etcd = await EtcdServer.StartAsync(authority);

        await using var system = await NearbySystem.StartAsync(
            servers,
            ("ConnectionStrings:users", users),
            ("ConnectionStrings:history", users.Replace("Database=users", "Database=history", StringComparison.Ordinal)),
            ("ConnectionStrings:location-cache", secured), ("ConnectionStrings:history-stream", secured),
            ("ConnectionStrings:pubsub-0", secured), ("ConnectionStrings:pubsub-1", secured),
            ("Redis:CertificateAuthority", authority.AuthorityFile),
            ("Discovery:Etcd", await etcd.RequirePasswordAsync(Password)), ("Discovery:CertificateAuthority", authority.AuthorityFile));
        var (a, b) = await system.NewFriendsAsync();
        await using var friend = await b.ConnectAsync(gateway: 1);
        await friend.LocateAsync(1.001, 0);
        await friend.ExpectAsync("nearby");
        await using var watcher = await a.ConnectAsync(gateway: 0);
        await watcher.LocateAsync(1, 0);
        await watcher.ExpectAsync("nearby", list => list.GetProperty("total").GetInt32() == 1);
        await friend.LocateAsync(1.002, 0);
        await watcher.ExpectMovedAsync(b);
        using var ring = await system.OperateAsync(HttpMethod.Get, "ring");
        Assert.Contains("\"epoch\":1", await ring.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        using var stranger = new TestAuthority();
        await using var distrustful = NpgsqlDataSource.Create(users.Replace(authority.AuthorityFile, stranger.AuthorityFile, StringComparison.Ordinal));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => distrustful.OpenConnectionAsync(TestContext.Current.CancellationToken).AsTask());
    }
}
