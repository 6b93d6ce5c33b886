using Microsoft.Extensions.Options;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Storing;
using NearbyFriends.HistoryWorker.Streams;
using NearbyFriends.ServiceDefaults.Schemas;
using Npgsql;
using StackExchange.Redis;

namespace NearbyFriends.HistoryWorker.Upkeep;

/// <summary>
/// Periodic work, done by one instance at a time: creates partitions in advance, drops those older than the retention, closes
/// erasures, and removes records that are no longer needed.
/// </summary>
/// <remarks>A step that fails does not stop the others. It is retried in the next round.</remarks>
public sealed partial class HistoryUpkeep(
    [FromKeyedServices(HistorySchema.Database)] NpgsqlDataSource database,
    [FromKeyedServices(HistorySchema.Database)] SchemaMigration schema,
    HistoryStore store,
    HistoryPartitions partitions,
    HistoryEraser eraser,
    Erasures erasures,
    StreamGroup group,
    DeadLetters deadLetters,
    IOptions<HistoryStoreOptions> options,
    TimeProvider clock,
    ILogger<HistoryUpkeep> log) : BackgroundService
{
    // Held for one round by the instance that does it.
    private const long Lock = 0x4E46_5550_4B50; // "NFUPKP"

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private volatile string? _trouble;

    // Earlier records of erasures are no longer needed.
    private DateTime LastNeeded => (clock.GetUtcNow() - Erasures.Memory).UtcDateTime;

    /// <summary>What failed in this instance's last round; null if nothing did.</summary>
    public string? Trouble => _trouble;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await schema.Ready;
            while (true)
            {
                await RoundAsync(stoppingToken);
                await Task.Delay(Interval, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service ends.
        }
    }

    /// <summary>Does what is due, unless another instance is doing it.</summary>
    public async Task RoundAsync(CancellationToken cancellationToken)
    {
        erasures.Forget(LastNeeded);
        var failed = new List<string>();
        await TryAsync("taking the lock", UnderLockAsync);
        _trouble = failed.Count == 0 ? null : $"upkeep failed: {string.Join(", ", failed)}";

        async Task UnderLockAsync()
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var tryLock = new NpgsqlCommand($"select pg_try_advisory_xact_lock({Lock})", connection, transaction);
            if (await tryLock.ExecuteScalarAsync(cancellationToken) is true)
            {
                await TryAsync("making partitions", () => MakePartitionsAsync(cancellationToken));
                await TryAsync("closing erasures", () => CloseErasuresAsync(failed, cancellationToken));
                await TryAsync("removing records of erasures", () => RemoveErasuresAsync(cancellationToken));
                await TryAsync("removing dead letters", () => deadLetters.RemoveOlderThanAsync(options.Value.Retention));
                await TryAsync("removing dead instances", () => Task.WhenAll(HistoryStreams.All.Select(group.ForgetInstancesAsync)));
                await TryAsync("dropping partitions", () => DropPartitionsAsync(cancellationToken));
            }
        }

        async Task TryAsync(string step, Func<Task> act)
        {
            try
            {
                await act();
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException or RedisException)
            {
                LogFailed(exception, step);
                failed.Add(step);
            }
        }
    }

    // Yesterday too: points may come up to a day late.
    private Task MakePartitionsAsync(CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        return partitions.EnsureAsync(
            Enumerable.Range(-1, options.Value.PartitionsAhead + 2).Select(today.AddDays), cancellationToken);
    }

    private async Task CloseErasuresAsync(List<string> failed, CancellationToken cancellationToken)
    {
        var open = await eraser.OpenAsync(cancellationToken);
        if (open.Count == 0)
        {
            return;
        }

        await deadLetters.EraseAsync(open.Select(erasure => erasure.UserId).ToHashSet());
        var erased = await eraser.CloseAsync(open, cancellationToken);
        if (erased.Closed > 0)
        {
            LogErased(erased.Closed);
        }

        if (erased.Failed > 0)
        {
            failed.Add($"{erased.Failed} erasures");
        }
    }

    private async Task RemoveErasuresAsync(CancellationToken cancellationToken)
    {
        await using var remove = database.CreateCommand("delete from history_erasures where done and erased_at < $1");
        remove.Parameters.Add(HistoryTime.Parameter(LastNeeded));
        await remove.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task DropPartitionsAsync(CancellationToken cancellationToken)
    {
        var dropped = await partitions.DropBeforeAsync(store.FirstKeptDay, cancellationToken);
        if (dropped > 0)
        {
            LogDropped(dropped);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The upkeep of the history failed: {Step}")]
    private partial void LogFailed(Exception failure, string step);

    [LoggerMessage(LogLevel.Information, "Closed {Erasures} erasures")]
    private partial void LogErased(int erasures);

    [LoggerMessage(LogLevel.Information, "Dropped {Days} days of history")]
    private partial void LogDropped(int days);
}
