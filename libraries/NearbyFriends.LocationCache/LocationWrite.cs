namespace NearbyFriends.LocationCache;

/// <summary>What became of a write to the location cache.</summary>
public enum LocationWrite
{
    /// <summary>It is the user's current location now.</summary>
    Current = 1,

    /// <summary>A newer location, or one of a newer sharing version, is there already.</summary>
    Older = 0,

    /// <summary>The user hid at this sharing version or a later one.</summary>
    Hidden = -1,
}
