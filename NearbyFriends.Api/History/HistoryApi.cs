using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Api.Callers;
using NearbyFriends.Api.Paging;
using NearbyFriends.Api.Problems;
using NearbyFriends.Core;
using NearbyFriends.History;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.History;

/// <summary>One point of the caller's history.</summary>
/// <param name="Lat">Degrees WGS 84.</param>
/// <param name="Lon">Degrees WGS 84.</param>
/// <param name="Time">Unix milliseconds UTC.</param>
/// <param name="Accuracy">Radius of uncertainty in metres; absent when the device reported none.</param>
public sealed record HistoryPointView(
    double Lat, double Lon, long Time, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] float? Accuracy = null)
{
    public static HistoryPointView Of(StoredPoint point) =>
        new(point.Location.Latitude, point.Location.Longitude, point.Location.Time, point.AccuracyMetres);
}

/// <summary>The caller's own locations.</summary>
public static class HistoryApi
{
    public static RouteGroupBuilder MapHistory(this RouteGroupBuilder v1)
    {
        var history = v1.MapGroup("/me/history").RequireCaller().WithTags("History");
        history.MapGet("/", ReadAsync)
            .WithName("readHistory")
            .WithSummary("Your own locations, newest first")
            .WithDescription("A cursor continues where a page ended; repeat the other parameters with it.")
            .WithProblems(ProblemKind.InvalidRequest);
        history.MapDelete("/", EraseAsync)
            .WithName("eraseHistory")
            .WithSummary("Erases your history")
            .WithDescription("When it is answered nothing is left, and nothing that was received before will be stored.");
        MapFile(v1, "/me/history.gpx", HistoryFileFormat.Gpx, HistoryFile.GpxType).WithName("exportHistoryAsGpx")
            .WithSummary("Your own locations as a GPX 1.1 file, oldest first");
        MapFile(v1, "/me/history.geojson", HistoryFileFormat.GeoJson, HistoryFile.GeoJsonType).WithName("exportHistoryAsGeoJson")
            .WithSummary("Your own locations as a GeoJSON file, oldest first");
        return v1;
    }

    private static async Task<Results<Ok<Page<HistoryPointView>>, Problem>> ReadAsync(
        Caller caller,
        HistoryReader history,
        CancellationToken cancellationToken,
        [Description("The oldest time to include, Unix milliseconds")][Range(0.0, UnixTime.Last)] long? from = null,
        [Description("The newest time to include, Unix milliseconds")][Range(0.0, UnixTime.Last)] long? to = null,
        [Description("Only the newest location of each interval: 60s, 5m, 1h, 1d")] HistoryInterval? every = null,
        [Range(1, Page.MaxLimit)] int limit = 100,
        Cursor? cursor = null)
    {
        if (from > to)
        {
            return Problem.InvalidField("from", "from is later than to.");
        }

        if (cursor is { After: < 0 or > UnixTime.Last })
        {
            return Problem.InvalidField("cursor", "The value is no cursor of this list.");
        }

        // Nothing is later than the last instant. One more than asked for tells whether there is another page.
        var before = cursor?.After ?? (to < UnixTime.Last ? to + 1 : null);
        var points = await history.ReadAsync(caller.Id, new(from, before, every?.Length, limit + 1), cancellationToken);
        return TypedResults.Ok(Page.Of(points, limit, point => every?.StartOf(point.Location.Time) ?? point.Location.Time, HistoryPointView.Of));
    }

    private static RouteHandlerBuilder MapFile(RouteGroupBuilder v1, string path, HistoryFileFormat format, string contentType) =>
        v1.MapGroup("/").RequireCaller().WithTags("History").MapGet(path, Results<HistoryFile, Problem> (
                Caller caller,
                HistoryReader history,
                [Description("The oldest time to include, Unix milliseconds")][Range(0.0, UnixTime.Last)] long? from = null,
                [Description("The newest time to include, Unix milliseconds")][Range(0.0, UnixTime.Last)] long? to = null) => from > to
                    ? Problem.InvalidField("from", "from is later than to.")
                    : new HistoryFile(history.ReadForwardAsync(caller.Id, from, to + 1), format))
            .Produces(StatusCodes.Status200OK, format == HistoryFileFormat.Gpx ? typeof(string) : typeof(JsonObject), contentType)
            .WithDescription("Streamed: a file of any length begins at once. One that ends early is not complete; its connection is broken off.")
            .WithProblems(ProblemKind.InvalidRequest);

    private static async Task<NoContent> EraseAsync(Caller caller, HistoryEraser eraser, CancellationToken cancellationToken)
    {
        await eraser.EraseAsync(caller.Id, cancellationToken);
        return TypedResults.NoContent();
    }
}
