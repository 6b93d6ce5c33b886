using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace NearbyFriends.Gateway.Transports;

/// <summary>How often a user may post locations: as often as a session may send them.</summary>
public sealed class PostedLocationLimit(IOptions<GatewayOptions> options) : IAsyncDisposable
{
    private const int MaxWaiting = 4;

    private readonly PartitionedRateLimiter<long> _limiter = PartitionedRateLimiter.Create<long, long>(user =>
        options.Value.UpdatesPerSecond == 0
            ? RateLimitPartition.GetNoLimiter(user)
            : RateLimitPartition.GetTokenBucketLimiter(user, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = options.Value.UpdateBurst,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1 / options.Value.UpdatesPerSecond),
                QueueLimit = MaxWaiting,
            }));

    /// <summary>Counts one call of a user; false when it comes too early.</summary>
    public bool TryTake(long userId)
    {
        using var lease = _limiter.AttemptAcquire(userId);
        return lease.IsAcquired;
    }

    /// <summary>Counts one call of a user when its turn comes; false when too many wait already.</summary>
    public async ValueTask<bool> WaitAsync(long userId, CancellationToken cancellationToken)
    {
        using var lease = await _limiter.AcquireAsync(userId, cancellationToken: cancellationToken);
        return lease.IsAcquired;
    }

    public ValueTask DisposeAsync() => _limiter.DisposeAsync();
}
