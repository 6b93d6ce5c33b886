using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using NearbyFriends.Api.Callers;
using NearbyFriends.Api.Problems;
using NearbyFriends.LocationCache;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.Nearby;

/// <summary>A friend inside the radius.</summary>
/// <param name="Id">A decimal string.</param>
/// <param name="Name">The display name.</param>
/// <param name="Lat">Degrees WGS 84.</param>
/// <param name="Lon">Degrees WGS 84.</param>
/// <param name="Time">Unix milliseconds UTC at which the friend was there.</param>
/// <param name="Distance">From the caller, in metres along the great circle.</param>
/// <param name="Accuracy">Radius of uncertainty in metres; absent where the friend's device told none, or the position is approximate.</param>
/// <param name="Approximate">True, and there at all, when the friend shows the caller a position snapped to a grid of 1 km.</param>
public sealed record NearbyFriendView(
    string Id, string Name, double Lat, double Lon, long Time, double Distance,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Accuracy = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Approximate = null);

/// <summary>A page of the friends nearby.</summary>
/// <param name="Friends">Nearest first, in the order in which the first page found them.</param>
/// <param name="Total">How many there were when the first page was made.</param>
/// <param name="Cursor">Leads to the next page for 5 minutes; null on the last.</param>
/// <param name="Partial">True, and there at all, when a part of the location cache is unavailable: friends may be missing.</param>
public sealed record NearbyPage(
    IReadOnlyList<NearbyFriendView> Friends, int Total, string? Cursor,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Partial = null);

/// <summary>The friends around the caller's own published location, for clients that only want to look once.</summary>
public static class NearbyApi
{
    public const int MinRadiusMetres = 100;

    public static RouteGroupBuilder MapNearby(this RouteGroupBuilder v1)
    {
        v1.MapGroup("/nearby").RequireCaller().WithTags("Nearby").MapGet("/", ListAsync)
            .WithName("listNearby")
            .WithSummary("Friends around your own published location, nearest first")
            .WithDescription("A cursor stands for the order of the first page, for 5 minutes; later pages give current values and leave out who left, and their radius is the first page's. Who does not share sees nobody.")
            .WithProblems(ProblemKind.InvalidRequest, ProblemKind.NoLocation, ProblemKind.CursorExpired);
        return v1;
    }

    private static async Task<Results<Ok<NearbyPage>, Problem>> ListAsync(
        Caller caller,
        NearbyFriendsFinder finder,
        IOptions<PresenceOptions> presence,
        CancellationToken cancellationToken,
        [Description("Metres, from 100 to the configured maximum (16,093 by default); 8,047 by default")] double? radius = null,
        [Range(1, 100)] int limit = 20,
        NearbyCursor? cursor = null)
    {
        var metres = radius ?? presence.Value.RadiusMetres;
        if (!(metres >= MinRadiusMetres && metres <= presence.Value.MaxRadiusMetres))
        {
            return Problem.InvalidField(nameof(radius), $"The radius lies between {MinRadiusMetres} and {presence.Value.MaxRadiusMetres} metres.");
        }

        return cursor is { } next
            ? await finder.ContinueAsync(caller.Id, next, limit, cancellationToken)
            : await finder.BeginAsync(caller.Id, metres, limit, cancellationToken);
    }
}
