using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;

namespace NearbyFriends.IntegrationTests.History;

/// <summary>
/// The database as the tests of the history use it: it refuses to send a statement that Postgres takes and Citus does not,
/// or answers otherwise.
/// </summary>
internal static class CheckedDatabase
{
    // Npgsql shows its commands only while somebody listens.
    private static readonly ActivityListener Listener = new() { ShouldListenTo = source => source.Name == "Npgsql" };

    static CheckedDatabase() => ActivitySource.AddActivityListener(Listener);

    public static NpgsqlDataSource Create(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.ConfigureTracing(tracing => tracing
            .ConfigureCommandFilter(command => Check(command.CommandText, command.Parameters))
            .ConfigureBatchFilter(batch => batch.BatchCommands.Cast<NpgsqlBatchCommand>().All(command => Check(command.CommandText, command.Parameters))));
        return builder.Build();
    }

    private static bool Check(string sql, NpgsqlParameterCollection parameters)
    {
        if (parameters.Any(parameter => parameter.NpgsqlDbType == NpgsqlDbType.Timestamp))
        {
            throw new InvalidOperationException($"A parameter is a timestamp without time zone: {sql}");
        }

        if (sql.Contains("insert into location_history", StringComparison.Ordinal)
            && sql.Contains("on conflict do nothing", StringComparison.Ordinal)
            && !sql.Contains("returning", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"Citus does not report how many rows this inserts, unless it returns them: {sql}");
        }

        return true;
    }
}
