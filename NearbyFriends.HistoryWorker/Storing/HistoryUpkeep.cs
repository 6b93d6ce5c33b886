using Microsoft.Extensions.Options;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Streams;
using Npgsql;
using StackExchange.Redis;

namespace NearbyFriends.HistoryWorker.Storing;

/// <summary>
/// What has to be done once in a while, by one instance at a time: makes partitions ahead, drops those that retention
/// ends, finishes erasures, and forgets what is of no more use.
/// </summary>
public sealed class HistoryUpkeep(
    [FromKeyedServices(HistorySchema.Database)] NpgsqlDataSource database,
    HistorySchema schema,
    HistoryStore store,
    HistoryPartitions partitions,
    HistoryEraser eraser,
    Erasures erasures,
    StreamGroup group,
    IOptions<HistoryWorkerOptions> options,
    TimeProvider clock,
    ILogger<HistoryUpkeep> log) : BackgroundService
{
    // Held for one round by the instance that does it.
    private const long Lock = 0x4E46_5550_4B50; // "NFUPKP"

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await schema.Ready;
            while (true)
            {
                await TryRoundAsync(stoppingToken);
                await Task.Delay(Interval, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service ends.
        }
    }

    private async Task TryRoundAsync(CancellationToken stopping)
    {
        try
        {
            await RoundAsync(stopping);
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException or RedisException)
        {
            log.LogWarning(exception, "The upkeep of the history failed; it is tried again in a minute");
        }
    }

    /// <summary>Does what is due, unless another instance is at it.</summary>
    public async Task RoundAsync(CancellationToken cancellationToken)
    {
        erasures.Forget((clock.GetUtcNow() - Erasures.Memory).UtcDateTime);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var tryLock = new NpgsqlCommand($"select pg_try_advisory_xact_lock({Lock})", connection, transaction);
        if (await tryLock.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return;
        }

        // Yesterday too: points may come up to a day late.
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        await partitions.EnsureAsync(
            Enumerable.Range(-1, options.Value.PartitionsAhead + 2).Select(today.AddDays), keep: false, cancellationToken);
        var finished = await eraser.FinishAsync(cancellationToken);
        await ForgetErasuresAsync(cancellationToken);
        await group.ForgetDeadLettersAsync(options.Value.Retention);
        for (var stream = 0; stream < HistoryStreams.Count; stream++)
        {
            await group.ForgetInstancesAsync(stream);
        }

        // Last, because it fails while an old day is being read.
        var dropped = await partitions.DropBeforeAsync(store.FirstKeptDay, cancellationToken);
        if (dropped + finished > 0)
        {
            log.LogInformation("Dropped {Days} days of history, finished {Erasures} erasures", dropped, finished);
        }
    }

    private async Task ForgetErasuresAsync(CancellationToken cancellationToken)
    {
        await using var forget = database.CreateCommand("delete from history_erasures where done and erased_at < $1");
        forget.Parameters.Add(new() { Value = (clock.GetUtcNow() - Erasures.Memory).UtcDateTime });
        await forget.ExecuteNonQueryAsync(cancellationToken);
    }
}
