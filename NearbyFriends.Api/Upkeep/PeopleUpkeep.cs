using Microsoft.Extensions.Options;
using NearbyFriends.Api.Accounts;
using NearbyFriends.LocationCache;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.Upkeep;

/// <summary>
/// What has to be done once in a while, by one Api at a time: writes down the ends of sharing that have come, drops rows of the
/// journal that no gateway needs any more, and finishes the erasure of deleted accounts.
/// </summary>
/// <remarks>The lease is an advisory lock of a transaction: it ends with the round, and with the process that holds it.</remarks>
public sealed partial class PeopleUpkeep(
    [FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database, UserAccounts accounts, AccountErasure erasure, IOptions<PresenceOptions> presence,
    TimeProvider clock, ILogger<PeopleUpkeep> logger) : BackgroundService
{
    private const long Lease = 0x4E46_5045_4F50; // "NFPEOP"

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Does what is due, unless another Api is at it.</summary>
    /// <exception cref="NpgsqlException">The database is unavailable.</exception>
    public async Task RoundAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var acquire = new NpgsqlCommand($"select pg_try_advisory_xact_lock({Lease})", connection, transaction);
        if (await acquire.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return;
        }

        await accounts.EndSharingAsync(cancellationToken);
        await using var drop = database.Command("delete from changes where changed_at < now() - $1", Journal.KeepFor(presence.Value.InactiveAfter));
        await drop.ExecuteNonQueryAsync(cancellationToken);
        await erasure.FinishAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RoundAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                LogFailed(e.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The upkeep of people failed; the next round is in a minute: {Reason}")]
    private partial void LogFailed(string reason);
}
