using Microsoft.Extensions.Options;
using NearbyFriends.Core.Geo;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>The square that a location is shown in, and the cell on whose channel strangers hear of it.</summary>
public sealed class Snapping(IOptions<StrangerOptions> options)
{
    /// <summary>Characters of a cell's name: 4.9 km high, so that a circle of 5 km touches some sixteen.</summary>
    public const int CellLength = 5;

    private readonly SquareGrid _grid = new(options.Value.GridMetres);

    /// <summary>Side of a square in metres.</summary>
    public double Metres { get; } = options.Value.GridMetres;

    /// <summary>The centre of the location's square.</summary>
    public Location SquareOf(in Location location) => _grid.Snap(location);

    /// <summary>All that leaves the ingress for strangers.</summary>
    public StrangerLocation ToldOf(in LocationUpdate update) =>
        new(update.UserId, update.SharingVersion, update.StrangersVersion, SquareOf(update.Location), update.SharingUntil);

    /// <summary>The cell of a square: that of its centre, so that it says no more than the square does.</summary>
    public static Geohash CellOf(in Location square) => Geohash.Of(square, CellLength);
}
