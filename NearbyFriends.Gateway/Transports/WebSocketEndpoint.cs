using System.Diagnostics;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using NearbyFriends.Core.Locations;
using NearbyFriends.Gateway.Authentication;
using NearbyFriends.Gateway.Draining;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.Gateway.Transports;

/// <summary><c>GET /v1/ws</c>: a session over a WebSocket.</summary>
public static partial class WebSocketEndpoint
{
    /// <summary>The subprotocol of JSON text messages.</summary>
    public const string JsonProtocol = "nearbyfriends.v1.json";

    /// <summary>The subprotocol of binary messages as in docs/nearby.proto.</summary>
    public const string ProtobufProtocol = "nearbyfriends.v1.protobuf";

    public static void MapWebSocket(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/ws", HandleAsync).ShortCircuit();

    private static async Task<IResult> HandleAsync(
        HttpContext http, Callers callers, SessionRegistry sessions, LocationReceiver locations, BrowserOrigins origins, Drain drain,
        IOptions<GatewayOptions> options, IOptions<PresenceOptions> presence, TimeProvider clock, ILogger<WebSocketTransport> logger)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            return Problems.Of(StatusCodes.Status426UpgradeRequired, "websocket-only", "This address speaks WebSocket only.");
        }

        if (!origins.Allow(http.Request))
        {
            return Problems.Of(StatusCodes.Status403Forbidden, "origin-not-allowed", "Pages of this origin may not connect (Gateway:Origins).");
        }

        var offered = http.WebSockets.WebSocketRequestedProtocols;
        var protocol = offered.FirstOrDefault(p => p is JsonProtocol or ProtobufProtocol);
        if (protocol is null && offered.Count > 0)
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "unknown-subprotocol", $"The subprotocol must be {JsonProtocol} or {ProtobufProtocol}.");
        }

        var (caller, byTicket) = await callers.IdentifyAsync(http);
        if (caller is null && !byTicket)
        {
            return Problems.Of(StatusCodes.Status401Unauthorized, "unauthenticated", "A bearer token or a ticket is needed.");
        }

        using var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = protocol,
            KeepAliveInterval = options.Value.PingEvery,
            KeepAliveTimeout = options.Value.PingTimeout,
        });
        using var transport = new WebSocketTransport(socket, protocol is ProtobufProtocol ? MessageFormat.Protobuf : MessageFormat.Json);
        if (caller is null)
        {
            await transport.CloseAsync(CloseCodes.TokenExpired, "The ticket is used, expired, or none.");
            return TypedResults.Empty;
        }

        http.Request.Headers.Authorization = default; // half a kilobyte for as long as the connection lasts
        // Each message is a trace of its own, not a part of a request that lasts for days.
        Activity.Current = null;
        var refusal = drain.IsDraining
            ? new Refusal(CloseCodes.ServiceRestart, "This gateway is draining.")
            : await RunAsync(caller.Value);
        if (refusal.Code != 0)
        {
            await transport.CloseAsync(refusal.Code, refusal.Reason);
        }

        return TypedResults.Empty;

        async Task<Refusal> RunAsync(Caller user)
        {
            Session? session = null;
            try
            {
                (session, var refused) = await sessions.OpenAsync(user, transport, http.RequestAborted);
                if (session is null)
                {
                    return refused;
                }

                if (drain.IsDraining)
                {
                    return new Refusal(CloseCodes.ServiceRestart, "This gateway is draining."); // began while the session opened
                }

                var commands = new SessionCommands(session, locations, callers, options.Value, presence.Value, clock);
                await transport.ReceiveAsync(commands.HandleAsync);
                return new Refusal((int)WebSocketCloseStatus.NormalClosure, "");
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or ConnectionAbortedException)
            {
                return default; // the peer is gone
            }
            catch (Exception e)
            {
                LogFailed(logger, e);
                return new Refusal(CloseCodes.InternalError, "The gateway could not open the session.");
            }
            finally
            {
                if (session is not null)
                {
                    sessions.Close(session);
                }
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "A session failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
