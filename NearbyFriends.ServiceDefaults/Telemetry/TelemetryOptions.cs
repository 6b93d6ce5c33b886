using System.ComponentModel.DataAnnotations;

namespace NearbyFriends.ServiceDefaults.Telemetry;

/// <summary>Configuration section <c>Telemetry</c>.</summary>
public sealed record TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>
    /// The share of new traces that are recorded, 0 to 1; default 1. A trace that another service began follows that
    /// service's choice.
    /// </summary>
    [Range(0.0, 1.0, ErrorMessage = "Telemetry:SampleRatio must lie between 0 and 1.")]
    public double SampleRatio { get; init; } = 1;

    /// <summary>
    /// At most so many new traces a second are recorded by each process, of those that <see cref="SampleRatio"/> keeps; default 5,
    /// 0: no limit. The Aspire dashboard keeps the last 10,000 traces.
    /// </summary>
    [Range(0, 1_000_000, ErrorMessage = "Telemetry:TracesPerSecond must lie between 0 (no limit) and 1,000,000.")]
    public int TracesPerSecond { get; init; } = 5;

    /// <summary>
    /// The key of <see cref="UserIdHash"/>; at least 16 characters, the same in all services. Default: derived from
    /// <c>Auth:SigningKey</c>; without that, random for each process.
    /// </summary>
    [MinLength(16, ErrorMessage = "Telemetry:HashKey must have at least 16 characters.")]
    public string? HashKey { get; init; }
}
