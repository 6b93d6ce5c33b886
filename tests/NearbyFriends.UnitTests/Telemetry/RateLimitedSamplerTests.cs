using System.Diagnostics;
using System.Threading.RateLimiting;
using NearbyFriends.ServiceDefaults.Telemetry;
using OpenTelemetry.Trace;

namespace NearbyFriends.UnitTests.Telemetry;

public class RateLimitedSamplerTests
{
    private static readonly TokenBucketRateLimiterOptions ThreeAtATime = new()
    {
        TokenLimit = 3,
        TokensPerPeriod = 3,
        ReplenishmentPeriod = TimeSpan.FromTicks(1),
        AutoReplenishment = false,
    };

    [Fact]
    public void No_more_traces_begin_than_the_limit_allows()
    {
        using var limiter = new TokenBucketRateLimiter(ThreeAtATime);
        var sampler = new RateLimitedSampler(new AlwaysOnSampler(), limiter);

        Assert.Equal(3, Sampled(sampler, of: 10));
        limiter.TryReplenish();
        Assert.Equal(3, Sampled(sampler, of: 10));
    }

    [Fact]
    public void What_is_dropped_anyway_takes_nothing_of_the_limit()
    {
        using var limiter = new TokenBucketRateLimiter(ThreeAtATime);

        Assert.Equal(0, Sampled(new RateLimitedSampler(new AlwaysOffSampler(), limiter), of: 10));
        Assert.Equal(3, Sampled(new RateLimitedSampler(new AlwaysOnSampler(), limiter), of: 10));
    }

    private static int Sampled(Sampler sampler, int of) => Enumerable.Range(0, of).Count(_ =>
        sampler.ShouldSample(new SamplingParameters(default, ActivityTraceId.CreateRandom(), "span", ActivityKind.Server)).Decision == SamplingDecision.RecordAndSample);
}
