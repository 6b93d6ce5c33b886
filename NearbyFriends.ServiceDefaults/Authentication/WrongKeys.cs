using System.Net;
using System.Threading.RateLimiting;
using NearbyFriends.ServiceDefaults.RateLimits;

namespace NearbyFriends.ServiceDefaults.Authentication;

/// <summary>Counts wrong operator keys, so that nobody tries one after the other.</summary>
internal sealed class WrongKeys : IDisposable
{
    /// <summary>Wrong keys from one address (IPv6: one network of 64 bits) after which no key from there is looked at for the rest of the minute.</summary>
    public const int PerMinute = 10;

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(key =>
        RateLimitPartition.GetFixedWindowLimiter(key, _ => new FixedWindowRateLimiterOptions { PermitLimit = PerMinute, Window = TimeSpan.FromMinutes(1) }));

    /// <summary>Whether too many came from this address.</summary>
    public bool AreTooMany(IPAddress? address)
    {
        using var lease = _limiter.AttemptAcquire(ClientAddress.KeyOf(address), permitCount: 0);
        return !lease.IsAcquired;
    }

    /// <summary>One more came from this address.</summary>
    public void Add(IPAddress? address) => _limiter.AttemptAcquire(ClientAddress.KeyOf(address)).Dispose();

    public void Dispose() => _limiter.Dispose();
}
