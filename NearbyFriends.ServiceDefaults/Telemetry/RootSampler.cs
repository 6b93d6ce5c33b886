using System.Diagnostics;
using NearbyFriends.ServiceDefaults.Health;
using OpenTelemetry.Trace;

namespace NearbyFriends.ServiceDefaults.Telemetry;

/// <summary>
/// Keeps traces about what users do: requests and locations. Health requests of orchestrators are left out, and calls to servers that
/// no request made (upkeep, polling, leases); another sampler decides about the rest.
/// </summary>
internal sealed class RootSampler(Sampler others) : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        IsUpkeep(samplingParameters) || IsHealthRequest(samplingParameters) ? new(SamplingDecision.Drop) : others.ShouldSample(samplingParameters);

    private static bool IsUpkeep(in SamplingParameters parameters) =>
        parameters.Kind == ActivityKind.Client && parameters.ParentContext.TraceId == default;

    private static bool IsHealthRequest(in SamplingParameters parameters) =>
        parameters.Kind == ActivityKind.Server
        && parameters.Tags is { } tags
        && tags.Any(tag => tag is { Key: "url.path", Value: HealthEndpoints.Readiness or HealthEndpoints.Liveness });
}
