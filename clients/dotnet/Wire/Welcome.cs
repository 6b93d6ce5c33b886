using System.Text.Json.Serialization;

namespace NearbyFriends.Client.Wire;

/// <summary>How the gateway treats this session, told on connect.</summary>
public sealed record Welcome
{
    /// <summary>Whose session it is.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString)]
    public long UserId { get; init; }

    /// <summary>Names the session in the gateway's logs.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>Whether the user shares its location; who does not share sees nobody.</summary>
    public bool Sharing { get; init; }

    /// <summary>When sharing ends by itself, Unix milliseconds UTC; null for no end.</summary>
    public long? SharingUntil { get; init; }

    /// <summary>Who is nearer than this is nearby; metres.</summary>
    public double Radius { get; init; }

    /// <summary>Friends a page.</summary>
    public int PageSize { get; init; }

    /// <summary>Updates come at most this often; milliseconds.</summary>
    public int FlushMs { get; init; }

    /// <summary>How often the gateway would like a location of somebody who walks; milliseconds.</summary>
    public int UpdateEveryMs { get; init; }

    /// <summary>A friend disappears this long after the time of its last location; milliseconds.</summary>
    public long InactiveAfterMs { get; init; }

    /// <summary>The gateway's clock; Unix milliseconds UTC.</summary>
    public long Now { get; init; }
}
