using System.Threading.RateLimiting;
using OpenTelemetry.Trace;

namespace NearbyFriends.ServiceDefaults.Telemetry;

/// <summary>Keeps at most so many traces a second of those that another sampler keeps, so that a busy process does not flood its collector.</summary>
internal sealed class RateLimitedSampler(Sampler inner, RateLimiter limiter) : Sampler
{
    /// <param name="inner">Decides first; what it drops takes nothing of the limit.</param>
    /// <param name="tracesPerSecond">1 or more; as many may come at once.</param>
    public RateLimitedSampler(Sampler inner, int tracesPerSecond)
        : this(inner, new TokenBucketRateLimiter(new()
        {
            TokenLimit = tracesPerSecond,
            TokensPerPeriod = tracesPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        }))
    {
    }

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var result = inner.ShouldSample(samplingParameters);
        if (result.Decision == SamplingDecision.Drop)
        {
            return result;
        }

        using var lease = limiter.AttemptAcquire();
        return lease.IsAcquired ? result : new(SamplingDecision.Drop);
    }
}
