using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Core;
using StackExchange.Redis;

namespace NearbyFriends.LocationCache.Notices;

/// <summary>
/// Notices that wait to be delivered, in the location cache's Redis: gateways and Apis add them, Apis deliver them.
/// </summary>
/// <remarks>
/// <c>notices</c> is a sorted set of deliveries by the time at which each is due. Who takes one moves its time ahead by
/// <see cref="Lease"/> and removes it when it is delivered, so what a process that died had taken is taken again. A delivery whose
/// process dies between its success and its removal is made twice; receivers tell by the notice's id. Notices are lost with the
/// memory of Redis: they are about this moment.
/// <c>notice:shown:{id}</c> says that a session showed a notice, for a minute.
/// </remarks>
public sealed class NoticeQueue([FromKeyedServices(LocationCacheOptions.Server)] IConnectionMultiplexer redis, TimeProvider clock)
{
    /// <summary>How long who took a delivery may be at it.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    /// <summary>How long a notice waits for a session to show it before it is delivered elsewhere.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    /// <summary>Deliveries that may wait; more are dropped, and counted.</summary>
    public const int MaxWaiting = 100_000;

    private const string Waiting = "notices";

    // ARGV: now, when the lease ends, the most that are taken.
    private const string TakeScript = """
        local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
        for _, delivery in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[2], delivery) end
        return due
        """;

    private static readonly TimeSpan ShownFor = TimeSpan.FromMinutes(1);

    private IDatabase Database => redis.GetDatabase();

    /// <summary>Adds a notice, which is delivered unless a session shows it first. Never fails: without Redis it is dropped and counted.</summary>
    public Task AddAsync(Notice notice) => TryAsync(async () =>
    {
        if (await Database.SortedSetLengthAsync(Waiting) >= MaxWaiting)
        {
            NoticeTelemetry.Unqueued.Add(1, NoticeTelemetry.QueueIsFull);
            return;
        }

        await Database.SortedSetAddAsync(Waiting, new NoticeDelivery(notice).Write(), clock.UnixMilliseconds() + Grace.TotalMilliseconds);
    });

    /// <summary>A session shows the notice: it need not be delivered elsewhere. Never fails.</summary>
    public Task ShownAsync(string noticeId) => TryAsync(() => Database.StringSetAsync(ShownKey(noticeId), 1, ShownFor));

    /// <summary>Whether a session showed the notice.</summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public Task<bool> IsShownAsync(string noticeId) => Database.KeyExistsAsync(ShownKey(noticeId));

    /// <summary>True for the first who asks within <paramref name="span"/>; false while Redis is unavailable.</summary>
    public async Task<bool> IsFirstAsync(string noticeId, TimeSpan span)
    {
        var isFirst = false;
        await TryAsync(async () => isFirst = await Database.StringSetAsync($"notice:told:{noticeId}", 1, span, When.NotExists));
        return isFirst;
    }

    /// <summary>Takes deliveries that are due, for <see cref="Lease"/>. What cannot be read is dropped, and counted.</summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public async Task<IReadOnlyList<NoticeDelivery>> TakeAsync(int max)
    {
        var now = clock.UnixMilliseconds();
        var taken = (RedisValue[])(await Database.ScriptEvaluateAsync(TakeScript, [Waiting], [now, now + (long)Lease.TotalMilliseconds, max]))!;
        var read = Array.ConvertAll(taken, entry => NoticeDelivery.Read(entry.ToString()));
        RedisValue[] unreadable = [.. taken.Zip(read).Where(one => one.Second is null).Select(one => one.First)];
        if (unreadable.Length > 0)
        {
            await Database.SortedSetRemoveAsync(Waiting, unreadable);
            NoticeTelemetry.Unqueued.Add(unreadable.Length, NoticeTelemetry.EntryIsUnreadable);
        }

        return [.. read.OfType<NoticeDelivery>()];
    }

    /// <summary>Ends a delivery, and begins those that follow from it, at once or after <paramref name="pause"/>.</summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public async Task EndAsync(NoticeDelivery delivery, IReadOnlyCollection<NoticeDelivery> next, TimeSpan pause)
    {
        var due = clock.UnixMilliseconds() + pause.TotalMilliseconds;
        var change = Database.CreateTransaction();
        _ = change.SortedSetRemoveAsync(Waiting, delivery.Entry ?? delivery.Write());
        foreach (var following in next)
        {
            _ = change.SortedSetAddAsync(Waiting, following.Write(), due);
        }

        await change.ExecuteAsync();
    }

    /// <summary>A delivery that was taken is due again, as it was.</summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public Task GiveBackAsync(NoticeDelivery delivery) =>
        Database.SortedSetAddAsync(Waiting, delivery.Entry ?? delivery.Write(), clock.UnixMilliseconds(), SortedSetWhen.Exists);

    private static RedisKey ShownKey(string noticeId) => $"notice:shown:{noticeId}";

    private async Task TryAsync(Func<Task> write)
    {
        try
        {
            if (redis.IsConnected)
            {
                await write(); // else commands would pile up in memory
            }
            else
            {
                NoticeTelemetry.Unqueued.Add(1, NoticeTelemetry.QueueIsUnavailable);
            }
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            NoticeTelemetry.Unqueued.Add(1, NoticeTelemetry.QueueIsUnavailable);
        }
    }
}
