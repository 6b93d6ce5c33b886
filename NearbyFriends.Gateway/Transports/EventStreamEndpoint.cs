using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using NearbyFriends.Gateway.Authentication;
using NearbyFriends.Gateway.Draining;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Gateway.Transports;

/// <summary>
/// <c>GET /v1/nearby/stream</c>: a session as server-sent events, around the location that <c>POST /v1/location</c> publishes.
/// </summary>
public static class EventStreamEndpoint
{
    public static void MapEventStream(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/nearby/stream", HandleAsync).AllowAnonymous();

    private static async Task<IResult> HandleAsync(
        HttpContext http, Callers callers, ConnectQueue queue, SessionRegistry sessions, BrowserOrigins origins, Drain drain, IOptions<GatewayOptions> options,
        TimeProvider clock)
    {
        if (!origins.Allow(http.Request))
        {
            return Problems.Of(ProblemKind.OriginNotAllowed, "Pages of this origin may not connect (Gateway:Origins).");
        }

        using var turn = await queue.EnterAsync(http);
        if (turn is null)
        {
            return ConnectQueue.Refusal(http);
        }

        if (await callers.IdentifyAsync(http) is not ({ } caller, _))
        {
            return Problems.Of(ProblemKind.Unauthenticated, "A bearer token or a ticket is needed.");
        }

        if (drain.RefusesSessions)
        {
            return Problems.Of(ProblemKind.Draining, "This gateway is draining.");
        }

        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no"; // nginx and its kin would hold events back
        Activity.Current = null; // each update is a trace of its own
        using var transport = new EventStreamTransport(http, options.Value.PingEvery, clock);
        var (session, refusal) = await sessions.OpenAsync(caller, transport); // who leaves meanwhile is noticed a moment later
        turn.Dispose();
        if (session is null)
        {
            await transport.CloseAsync(refusal.Code, refusal.Reason);
            return TypedResults.Empty;
        }

        try
        {
            if (drain.RefusesSessions)
            {
                await session.CloseAsync(CloseCodes.ServiceRestart, "This gateway is draining."); // began while the session opened
                return TypedResults.Empty;
            }

            session.OpenList(null); // without a location yet, the list opens when one arrives
            await transport.Closed.WaitAsync(http.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // the peer is gone
        }
        finally
        {
            sessions.Close(session);
        }

        return TypedResults.Empty;
    }
}
