using NearbyFriends.HistoryWorker.Storing;
using Npgsql;

namespace NearbyFriends.UnitTests.History;

public sealed class StoreFailureTests
{
    [Theory]
    [InlineData("23505", "duplicate key value violates unique constraint \"location_history_20260131_pkey\"", StoreFailure.StoredBefore)]
    [InlineData("23514", "no partition of relation \"location_history\" found for row", StoreFailure.Refused)]
    [InlineData("22008", "timestamp out of range", StoreFailure.Refused)]
    [InlineData("57P01", "terminating connection due to administrator command", StoreFailure.Unavailable)]
    public void Postgres_says_by_the_code_why_it_stores_nothing(string code, string message, StoreFailure expected) =>
        Assert.Equal(expected, StoreFailures.Of(Refusal(code, message)));

    // Citus reports what a node said during COPY under the code of an internal error.
    [Theory]
    [InlineData("duplicate key value violates unique constraint \"location_history_20260131_pkey_102040\"", StoreFailure.StoredBefore)]
    [InlineData("no partition of relation \"location_history_102008\" found for row", StoreFailure.Refused)]
    [InlineData("new row for relation \"location_history_20260131_102040\" violates check constraint \"c\"", StoreFailure.Refused)]
    [InlineData("null value in column \"latitude\" of relation \"location_history_20260131_102040\" violates not-null constraint", StoreFailure.Refused)]
    [InlineData("could not find a valid entry in the shard map", StoreFailure.Unavailable)]
    public void Citus_says_it_by_the_message(string message, StoreFailure expected) =>
        Assert.Equal(expected, StoreFailures.Of(Refusal("XX000", message)));

    [Fact]
    public void A_broken_connection_says_nothing_about_the_points() =>
        Assert.Equal(StoreFailure.Unavailable, StoreFailures.Of(new NpgsqlException("broken", new IOException())));

    private static PostgresException Refusal(string code, string message) => new(message, "ERROR", "ERROR", code);
}
