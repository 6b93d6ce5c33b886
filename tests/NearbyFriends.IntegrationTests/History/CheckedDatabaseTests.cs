using NearbyFriends.TestServers;
using NpgsqlTypes;

namespace NearbyFriends.IntegrationTests.History;

public sealed class CheckedDatabaseTests(Servers servers)
{
    [Fact]
    public async Task A_statement_that_Citus_would_not_take_fails_the_test_that_sends_it()
    {
        await using var database = CheckedDatabase.Create(await servers.NewDatabaseAsync());
        await using var select = database.CreateCommand("select $1");
        select.Parameters.Add(new() { Value = DateTime.MaxValue });

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => select.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        select.Parameters[0].NpgsqlDbType = NpgsqlDbType.TimestampTz;
        await select.ExecuteScalarAsync(TestContext.Current.CancellationToken);

        Assert.Equal("A parameter is a timestamp without time zone: select $1", refusal.Message);
    }
}
