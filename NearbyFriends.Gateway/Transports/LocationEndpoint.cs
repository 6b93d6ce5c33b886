using System.Buffers;
using NearbyFriends.Core;
using NearbyFriends.Gateway.Alerts;
using NearbyFriends.Gateway.Authentication;
using NearbyFriends.Gateway.Ingress;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Gateway.Transports;

/// <summary><c>POST /v1/location</c>: a location, or up to 50, without a socket; equal in every effect to the socket's.</summary>
public static class LocationEndpoint
{
    public static void MapLocation(this IEndpointRouteBuilder routes) => routes.MapPost("/v1/location", HandleAsync).AllowAnonymous();

    private static async Task<IResult> HandleAsync(
        HttpContext http, Callers callers, IFriendSource friends, PostedLocations posted, PostedLocationLimit limit, AlertWatches alerts,
        TimeProvider clock)
    {
        if (await callers.IdentifyAsync(http) is not ({ } caller, _))
        {
            return Problems.Of(ProblemKind.Unauthenticated, "A bearer token or a ticket is needed.");
        }

        if (!limit.TryTake(caller.UserId))
        {
            http.Response.Headers.RetryAfter = "1";
            return Problems.Of(ProblemKind.RateLimited, "Locations come too often; send the newest one later.");
        }

        if (await ReadBodyAsync(http) is not { } body)
        {
            return Problems.Of(ProblemKind.TooLarge, $"A body may have {WebSocketTransport.MaxMessageBytes} bytes.");
        }

        var (points, problem) = ClientMessageReader.ReadPoints(body.Span);
        if (problem is not null)
        {
            return Problems.Of(ProblemKind.InvalidMessage, problem);
        }

        if (await friends.FindSharingAsync(caller.UserId, http.RequestAborted) is not { } sharing)
        {
            return Problems.Of(ProblemKind.Unauthenticated, "The token's user does not exist.");
        }

        if (!sharing.IsOnAt(clock.UnixMilliseconds()))
        {
            return Problems.Of(ProblemKind.NotSharing, "Sharing is off: the location was not kept.");
        }

        alerts.Want(caller.UserId);
        var (taken, rejection, isHidden) = await posted.TakeAsync(caller.UserId, sharing, points);
        if (isHidden)
        {
            return Problems.Of(ProblemKind.NotSharing, "Sharing is off: the location was not kept.");
        }

        return rejection is { } r
            ? Problems.Of(
                Problems.KindOf(r.Code) with { Status = StatusCodes.Status422UnprocessableEntity }, $"{r.Message} {taken} of {points.Count} locations were taken.")
            : TypedResults.Accepted((string?)null);
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpContext http)
    {
        while (true)
        {
            var read = await http.Request.BodyReader.ReadAsync(http.RequestAborted);
            if (read.IsCompleted || read.Buffer.Length > WebSocketTransport.MaxMessageBytes)
            {
                var isWhole = read.Buffer.Length <= WebSocketTransport.MaxMessageBytes;
                ReadOnlyMemory<byte>? body = isWhole ? new(read.Buffer.ToArray()) : null;
                http.Request.BodyReader.AdvanceTo(read.Buffer.End);
                return body;
            }

            http.Request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
