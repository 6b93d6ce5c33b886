using Microsoft.Extensions.Logging;
using NearbyFriends.Core;
using Npgsql;
using StackExchange.Redis;

namespace NearbyFriends.ServiceDefaults.Problems;

/// <summary>
/// Says how a request that failed is answered, and logs why: a fault of the service each time, a server that is unavailable once a minute.
/// </summary>
public sealed partial class FailedRequests(TimeProvider clock, ILogger<FailedRequests> logger)
{
    // Like QueryCanceled, how the database ends a transaction that took too long.
    private const string IdleInTransaction = "25P03";

    private readonly LogThrottle _unavailable = new(clock);

    /// <summary>Logs a failure; <see cref="ProblemKind.Unavailable"/> where a server did not answer, else <see cref="ProblemKind.ServerError"/>.</summary>
    public ProblemKind Report(Exception failure)
    {
        if (failure is not (NpgsqlException { IsTransient: true } or TimeoutException or RedisException or HttpRequestException
            or OperationCanceledException { InnerException: TimeoutException } // of an HttpClient
            or PostgresException { SqlState: PostgresErrorCodes.QueryCanceled or IdleInTransaction }))
        {
            LogFailed(failure);
            return ProblemKind.ServerError;
        }

        if (_unavailable.Add() is > 0 and var count)
        {
            LogUnavailable(failure, count);
        }

        return ProblemKind.Unavailable;
    }

    [LoggerMessage(LogLevel.Error, "A request failed")]
    private partial void LogFailed(Exception failure);

    [LoggerMessage(LogLevel.Error, "A server is unavailable; {Count} requests since the last such line failed")]
    private partial void LogUnavailable(Exception failure, int count);
}
