using System.ComponentModel.DataAnnotations;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>Configuration section <c>Strangers</c>: what people see of others nearby who are not their friends.</summary>
public sealed record StrangerOptions
{
    public const string Section = "Strangers";

    /// <summary>Side of the squares that strangers' positions are snapped to, in metres, the same in all gateways; 100 to 2,000, default 250.</summary>
    [Range(100, 2_000, ErrorMessage = "Strangers:GridMetres must lie between 100 and 2000.")]
    public double GridMetres { get; init; } = 250;

    /// <summary>
    /// The key of the pseudonyms, at least 32 characters, the same in all gateways. Default: derived from <c>Auth:SigningKey</c>; where
    /// there is none, each gateway draws its own, and who reconnects elsewhere meets the same strangers under other pseudonyms.
    /// </summary>
    [MinLength(32, ErrorMessage = "Strangers:PseudonymKey must have at least 32 characters.")]
    public string? PseudonymKey { get; init; }

    /// <summary>Least time between two <c>strangers</c> messages to a session; a slower pace of its client counts. 0.1 to 30 s, default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30", ErrorMessage = "Strangers:RefreshEvery must lie between 00:00:00.1 and 00:00:30.")]
    public TimeSpan RefreshEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a location waits for others of its cell, with which it travels in a frame; 10 ms to 5 s, default 500 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:00:05", ErrorMessage = "Strangers:FrameWindow must lie between 00:00:00.01 and 00:00:05.")]
    public TimeSpan FrameWindow { get; init; } = TimeSpan.FromMilliseconds(500);
}
