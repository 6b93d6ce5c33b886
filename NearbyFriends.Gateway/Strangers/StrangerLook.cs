using NearbyFriends.Core.Geo;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>One look of a session at the strangers around its user.</summary>
/// <param name="ViewerId">Who looks.</param>
/// <param name="From">From where.</param>
/// <param name="WithinChord">The radius as a squared chord.</param>
/// <param name="Most">People to find at most.</param>
/// <param name="Cells">The cells that the circle touches.</param>
/// <param name="Excluded">The viewer, friends, and blocks of either side; ascending.</param>
/// <param name="Told">Whom the client has already.</param>
public readonly record struct StrangerLook(
    long ViewerId, UnitVector From, double WithinChord, int Most, IReadOnlyList<Geohash> Cells, long[] Excluded,
    IReadOnlyDictionary<long, ToldStranger> Told)
{
    /// <summary>Whether the viewer must not see this user as a stranger.</summary>
    public bool IsExcluded(long userId) => Array.BinarySearch(Excluded, userId) >= 0;
}

/// <summary>A stranger as a session finds it.</summary>
/// <param name="UserId">Who it is; never told.</param>
/// <param name="Name">Null while it was not read yet.</param>
/// <param name="Square">The centre of the square, and when the stranger was there.</param>
/// <param name="Chord">Squared, from the viewer to that centre.</param>
public readonly record struct SeenStranger(long UserId, string? Name, Location Square, double Chord);

/// <summary>What a client was told of a stranger.</summary>
/// <param name="Pseudonym">The id that the client knows.</param>
/// <param name="Square">Where and when.</param>
/// <param name="DistanceMetres">How far.</param>
public readonly record struct ToldStranger(long Pseudonym, Location Square, double DistanceMetres);
