using System.Diagnostics;
using NearbyFriends.ServiceDefaults.Telemetry;
using OpenTelemetry.Trace;

namespace NearbyFriends.UnitTests.Telemetry;

public class RootSamplerTests
{
    private static readonly ActivityContext Parent = new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

    [Fact]
    public void A_query_of_a_request_is_traced() => Assert.Equal(SamplingDecision.RecordAndSample, Decide(ActivityKind.Client, Parent));

    [Fact]
    public void A_query_that_no_request_made_is_not_traced() => Assert.Equal(SamplingDecision.Drop, Decide(ActivityKind.Client, default));

    [Fact]
    public void A_location_is_traced() => Assert.Equal(SamplingDecision.RecordAndSample, Decide(ActivityKind.Server, default));

    [Theory]
    [InlineData("/health", SamplingDecision.Drop)]
    [InlineData("/alive", SamplingDecision.Drop)]
    [InlineData("/v1/me", SamplingDecision.RecordAndSample)]
    public void A_request_is_traced_unless_it_asks_for_health(string path, SamplingDecision decision) =>
        Assert.Equal(decision, Decide(ActivityKind.Server, default, KeyValuePair.Create("url.path", (object?)path)));

    private static SamplingDecision Decide(ActivityKind kind, ActivityContext parent, params KeyValuePair<string, object?>[] tags) =>
        new RootSampler(new AlwaysOnSampler()).ShouldSample(new SamplingParameters(parent, ActivityTraceId.CreateRandom(), "span", kind, tags!, [])).Decision;
}
