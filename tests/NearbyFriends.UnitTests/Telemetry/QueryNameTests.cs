using NearbyFriends.ServiceDefaults.Telemetry;

namespace NearbyFriends.UnitTests.Telemetry;

public class QueryNameTests
{
    [Theory]
    [InlineData("select id from users where id = $1", "select users")]
    [InlineData("  SELECT 1", "select")]
    [InlineData("insert into friendships (user_id) values ($1)", "insert friendships")]
    [InlineData("update users set sharing = $1 where id = $2", "update users")]
    [InlineData("delete from only \"blocks\" where user_id = $1", "delete blocks")]
    [InlineData("with gone as (delete from friendships where user_id = $1 returning 1) select count(*) from gone", "delete friendships")]
    [InlineData("copy location_history (user_id) from stdin (format binary)", "copy location_history")]
    [InlineData("create table if not exists history_partitions ()", "create history_partitions")]
    [InlineData("listen changes", "sql")]
    public void A_statement_is_named_by_its_verb_and_its_table(string sql, string name) => Assert.Equal(name, QueryName.Of(sql));
}
