using System.Diagnostics;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using NearbyFriends.Gateway.Authentication;
using NearbyFriends.Gateway.Draining;
using NearbyFriends.Gateway.Ingress;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.Gateway.Strangers;
using NearbyFriends.LocationCache;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Gateway.Transports;

/// <summary><c>GET /v1/ws</c>: a session over a WebSocket.</summary>
/// <remarks>
/// A socket's request lasts as long as its connection, and so does whatever was made for it. Therefore this is one object for
/// all requests instead of a handler with arguments, which would get a service scope of its own for each.
/// </remarks>
public sealed class WebSocketEndpoint(
    Callers callers, ConnectQueue queue, SessionRegistry sessions, LocationCheck check, LocationIngress ingress, StrangersNearby strangers,
    BrowserOrigins origins, Drain drain, IOptions<GatewayOptions> options, IOptions<PresenceOptions> presence, FailedRequests failures,
    TimeProvider clock)
{
    /// <summary>The subprotocol of JSON text messages.</summary>
    public const string JsonProtocol = "nearbyfriends.v1.json";

    /// <summary>The subprotocol of binary messages as in docs/nearby.proto.</summary>
    public const string ProtobufProtocol = "nearbyfriends.v1.protobuf";

    /// <summary>Serves one request, and with it one connection.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        var protocol = ProtocolOf(http);
        if (Refuse(http, protocol) is { } problem)
        {
            await problem.ExecuteAsync(http);
            return;
        }

        if (await ConnectAsync(http, protocol) is not var (socket, transport, session, refusal))
        {
            return; // answered instead of upgraded
        }

        // Each message is a trace of its own, not a part of a request that lasts for days. Here, for what is set further down ends there.
        Activity.Current = null;
        using (socket)
        {
            if (session is not null)
            {
                refusal = await ServeAsync(session, transport);
            }

            if (refusal.Code != 0)
            {
                await transport.CloseAsync(refusal.Code, refusal.Reason);
            }
        }
    }

    /// <summary>Waits for a turn, finds out who it is, upgrades the connection, and opens the session or says why not.</summary>
    private async Task<(WebSocket Socket, WebSocketTransport Transport, Session? Session, Refusal Refusal)?> ConnectAsync(HttpContext http, string? protocol)
    {
        using var turn = await queue.EnterAsync(http);
        if (turn is null)
        {
            await ConnectQueue.Refusal(http).ExecuteAsync(http);
            return null;
        }

        Caller? caller;
        try
        {
            (caller, var byTicket) = await callers.IdentifyAsync(http);
            if (caller is null && !byTicket)
            {
                await Problems.Of(ProblemKind.Unauthenticated, "A bearer token or a ticket is needed.").ExecuteAsync(http);
                return null;
            }
        }
        catch (Exception e)
        {
            await Problems.Of(failures.Report(e)).ExecuteAsync(http);
            return null;
        }

        var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = protocol,
            KeepAliveInterval = Timeout.InfiniteTimeSpan, // SessionSweeper keeps all of them alive
        });
        ForgetRequest(http);
        var connection = KeepAliveStream.Under(http) ?? throw new InvalidOperationException("The WebSocket does not run over what keeps it alive.");
        var transport = new WebSocketTransport(socket, connection, protocol is ProtobufProtocol ? MessageFormat.Protobuf : MessageFormat.Json, options.Value);
        var (session, refusal) = caller is { } user
            ? await OpenAsync(user, transport)
            : (null, new Refusal(CloseCodes.TokenExpired, "The ticket is used, expired, or none."));
        return (socket, transport, session, refusal);
    }

    private ProblemHttpResult? Refuse(HttpContext http, string? protocol) =>
        !http.WebSockets.IsWebSocketRequest
            ? Problems.Of(ProblemKind.WebSocketOnly, "This address speaks WebSocket only.")
        : !origins.Allow(http.Request)
            ? Problems.Of(ProblemKind.OriginNotAllowed, "Pages of this origin may not connect (Gateway:Origins).")
        : protocol is null && http.WebSockets.WebSocketRequestedProtocols.Count > 0
            ? Problems.Of(ProblemKind.UnknownSubprotocol, $"The subprotocol must be {JsonProtocol} or {ProtobufProtocol}.")
        : null;

    /// <summary>The first known protocol that is offered, as the string that all sockets share.</summary>
    private static string? ProtocolOf(HttpContext http) => http.WebSockets.WebSocketRequestedProtocols
        .Select(offered => offered switch
        {
            JsonProtocol => JsonProtocol,
            ProtobufProtocol => ProtobufProtocol,
            _ => null,
        })
        .FirstOrDefault(known => known is not null);

    /// <summary>
    /// Lets go of what else would be kept for as long as the connection lasts: headers (the token among them), and the tags of a
    /// trace that is not sampled. Together more than a kilobyte.
    /// </summary>
    private static void ForgetRequest(HttpContext http)
    {
        http.Request.Headers.Clear();
        if (Activity.Current is { Recorded: false } request)
        {
            foreach (var (key, _) in request.TagObjects.ToList())
            {
                request.SetTag(key, null);
            }
        }
    }

    private async Task<(Session? Session, Refusal Refusal)> OpenAsync(Caller caller, WebSocketTransport transport)
    {
        try
        {
            return drain.RefusesSessions
                ? (null, new Refusal(CloseCodes.ServiceRestart, "This gateway is draining."))
                : await sessions.OpenAsync(caller, transport); // who leaves meanwhile is noticed a moment later
        }
        catch (Exception e)
        {
            failures.Report(e);
            return (null, new Refusal(CloseCodes.InternalError, "The gateway could not open the session."));
        }
    }

    private async Task<Refusal> ServeAsync(Session session, WebSocketTransport transport)
    {
        try
        {
            if (drain.RefusesSessions)
            {
                return new Refusal(CloseCodes.ServiceRestart, "This gateway is draining."); // began while the session opened
            }

            var commands = new SessionCommands(session, check, ingress, strangers, callers, options.Value, presence.Value, clock);
            await transport.ReceiveAsync(commands.HandleAsync);
            return new Refusal((int)WebSocketCloseStatus.NormalClosure, "");
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ConnectionAbortedException)
        {
            return default; // the peer is gone
        }
        catch (Exception e)
        {
            failures.Report(e);
            return new Refusal(CloseCodes.InternalError, "The session failed.");
        }
        finally
        {
            sessions.Close(session);
        }
    }
}
