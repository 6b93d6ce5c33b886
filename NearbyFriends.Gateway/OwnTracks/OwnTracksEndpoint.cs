using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Core;
using NearbyFriends.Gateway.Alerts;
using NearbyFriends.Gateway.Ingress;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Transports;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Gateway.OwnTracks;

/// <summary>
/// <c>POST /owntracks</c>: the HTTP mode of the OwnTracks apps. A <c>location</c> counts as one by socket; the answer is the friends
/// nearby as <c>location</c> and <c>card</c> messages.
/// </summary>
/// <remarks>
/// An app keeps what was not answered with success and sends it again, one message after the other. So whatever would be refused
/// each time, such as a time too far back, is answered with success and dropped; what may succeed later is not. After a dead zone
/// the messages come quickly: they wait for their turn rather than being refused.
/// </remarks>
public static class OwnTracksEndpoint
{
    private const int MaxBodyBytes = 64 * 1024;
    private static readonly object[] Nobody = [];

    /// <summary>Needs the ingress, the location cache, and a friend source.</summary>
    public static IServiceCollection AddOwnTracks(this IServiceCollection services) =>
        services.AddSingleton<DeviceLogins>().AddSingleton<OwnTracksFriends>();

    public static void MapOwnTracks(this IEndpointRouteBuilder routes) => routes.MapPost("/owntracks", HandleAsync).AllowAnonymous();

    private static async Task<IResult> HandleAsync(
        HttpContext http, DeviceLogins logins, IFriendSource people, PostedLocations posted, OwnTracksFriends friends, PostedLocationLimit limit,
        AlertWatches alerts, TimeProvider clock)
    {
        var (login, userId) = await logins.IdentifyAsync(http);
        if (login == LoginOutcome.Limited)
        {
            http.Response.Headers.RetryAfter = "60";
            return Problems.Of(ProblemKind.RateLimited, "Too many wrong passwords.");
        }

        if (login == LoginOutcome.Refused)
        {
            return Unauthenticated(http);
        }

        if (http.Request.ContentLength > MaxBodyBytes)
        {
            return TypedResults.Ok(Nobody); // no location is that long: a picture, or an export of settings
        }

        if (OwnTracksReader.ReadPoints(await ReadAsync(http.Request)) is not { } points)
        {
            return Problems.Of(ProblemKind.InvalidMessage, "The body must be an OwnTracks message, or an array of them.");
        }

        if (points.Count == 0)
        {
            return TypedResults.Ok(Nobody);
        }

        if (!await limit.WaitAsync(userId, http.RequestAborted))
        {
            http.Response.Headers.RetryAfter = "1";
            return Problems.Of(ProblemKind.RateLimited, "Locations come too often.");
        }

        var asked = clock.GetTimestamp();
        if (await people.LoadAsync(userId, http.RequestAborted) is not { Locked: false } me)
        {
            return Unauthenticated(http);
        }

        if (!me.Sharing.IsOnAt(clock.UnixMilliseconds()))
        {
            return TypedResults.Ok(Nobody); // who does not share sees nobody, and nothing is kept
        }

        if (clock.GetElapsedTime(asked) <= Journal.LongestLoad)
        {
            alerts.Want(me);
        }
        else
        {
            alerts.Want(userId); // a change that came meanwhile may be missing
        }

        var (_, _, isHidden) = await posted.TakeAsync(userId, me.Sharing, points);
        return isHidden
            ? TypedResults.Ok(Nobody)
            : TypedResults.Ok(await friends.FindAsync(me, http.RequestAborted));
    }

    private static ProblemHttpResult Unauthenticated(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = "Basic realm=\"NearbyFriends\", charset=\"UTF-8\"";
        return Problems.Of(ProblemKind.Unauthenticated, "A user name and the password of a device are needed.");
    }

    /// <summary>The body; empty if it is too long.</summary>
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        var buffer = new byte[4 * 1024];
        while (await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted) is > 0 and var read)
        {
            if (body.Length + read > MaxBodyBytes)
            {
                return default;
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }
}
