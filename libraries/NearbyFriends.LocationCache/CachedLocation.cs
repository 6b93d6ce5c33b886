using NearbyFriends.Core.Geo;

namespace NearbyFriends.LocationCache;

/// <summary>A user's entry in the location cache.</summary>
/// <param name="SharingVersion">The user's sharing version when it was written.</param>
/// <param name="Location">Null in a tombstone: the user hid at this version.</param>
/// <param name="Accuracy">Of the location.</param>
/// <param name="SharingUntil">Unix milliseconds at which sharing ends at this version; 0 for no end.</param>
public readonly record struct CachedLocation(long SharingVersion, Location? Location, Accuracy Accuracy = default, long SharingUntil = 0);

/// <summary>What the location cache says of several users, in the order in which they were asked about.</summary>
/// <param name="entries">One for each user; null where there is none.</param>
/// <param name="isComplete">See <see cref="IsComplete"/>.</param>
public sealed class CachedLocations(CachedLocation?[] entries, bool isComplete)
{
    /// <summary>How many users were asked about.</summary>
    public int Count => entries.Length;

    /// <summary>False when a part of the cache was unavailable: its users have no entry here, whatever the cache holds of them.</summary>
    public bool IsComplete => isComplete;

    /// <summary>The entry of the user at this place of the question; null where there is none.</summary>
    public CachedLocation? this[int index] => entries[index];
}
