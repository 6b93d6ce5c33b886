using System.Diagnostics;
using NearbyFriends.ServiceDefaults.Health;
using OpenTelemetry.Trace;

namespace NearbyFriends.ServiceDefaults.Telemetry;

/// <summary>Leaves the questions of orchestrators out of the traces, and with them what the health checks do; asks another sampler for the rest.</summary>
internal sealed class UntracedHealthRequests(Sampler others) : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        if (samplingParameters.Kind == ActivityKind.Server && samplingParameters.Tags is { } tags)
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "url.path", Value: HealthEndpoints.Readiness or HealthEndpoints.Liveness })
                    return new(SamplingDecision.Drop);
            }
        }

        return others.ShouldSample(samplingParameters);
    }
}
