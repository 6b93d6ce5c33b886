using System.ComponentModel.DataAnnotations;

namespace NearbyFriends.Api.RateLimits;

/// <summary>Configuration section <c>RateLimits</c>: requests within <see cref="Window"/>, counted by each replica for itself.</summary>
public sealed record RateLimitOptions
{
    public const string Section = "RateLimits";

    /// <summary>The time within which requests are counted; 1 s to 1 h, default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "RateLimits:Window must lie between 00:00:01 and 01:00:00.")]
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Requests of one user; default 300.</summary>
    [Range(1, 1_000_000, ErrorMessage = "RateLimits:RequestsPerUser must lie between 1 and 1000000.")]
    public int RequestsPerUser { get; init; } = 300;

    /// <summary>Requests without a valid token from one address (IPv6: one network of 64 bits); default 1,200.</summary>
    [Range(1, 1_000_000, ErrorMessage = "RateLimits:RequestsPerAddress must lie between 1 and 1000000.")]
    public int RequestsPerAddress { get; init; } = 1_200;

    /// <summary>User names that one user looks up; default 30, so that nobody collects users by guessing names.</summary>
    [Range(1, 1_000_000, ErrorMessage = "RateLimits:LookupsPerUser must lie between 1 and 1000000.")]
    public int LookupsPerUser { get; init; } = 30;
}
