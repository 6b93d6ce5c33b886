using NearbyFriends.Core.Geo;

namespace NearbyFriends.LocationCache;

/// <summary>A user's entry in the location cache.</summary>
/// <param name="SharingVersion">The user's sharing version when it was written.</param>
/// <param name="Location">Null in a tombstone: the user hid itself at this version.</param>
public readonly record struct CachedLocation(long SharingVersion, Location? Location);

/// <summary>What the location cache says of several users, and what it cannot say.</summary>
public sealed class CachedLocations(int count)
{
    private readonly CachedLocation?[] _entries = new CachedLocation?[count];
    private readonly bool[] _doubtful = new bool[count];

    /// <summary>How many users were asked about.</summary>
    public int Count => _entries.Length;

    /// <summary>False when a shard was away: its users have no entry here, whatever the cache holds of them.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>The entry of the user at this place of the question; null where there is none.</summary>
    public CachedLocation? this[int index] => _entries[index];

    /// <summary>Whether the user at this place may have hidden itself though the cache does not say so.</summary>
    public bool IsDoubtful(int index) => _doubtful[index];

    internal void Set(int index, CachedLocation? entry, bool doubtful) => (_entries[index], _doubtful[index]) = (entry, doubtful);

    internal void SetMissing(int index)
    {
        _doubtful[index] = true;
        IsComplete = false;
    }
}
