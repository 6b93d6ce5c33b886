using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Gateway.History;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.History;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.ServiceDefaults.Problems;
using StackExchange.Redis;

namespace NearbyFriends.Gateway.Operations;

/// <summary>
/// <c>/v1/ops</c>: what operators see and do, at any gateway. With the role <c>operator</c> or the operator key
/// (docs/operations.md).
/// </summary>
public static class OperationsApi
{
    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        var ops = routes.MapGroup("/v1/ops").RequireAuthorization(OperatorPolicy.Name).WithAudit().AddEndpointFilter(UnavailableWhenAwayAsync);
        ops.MapGet("/gateways", ListAsync);
        ops.MapPost("/gateways/{id}/drain", (string id, GatewayDirectory gateways) => WishAsync(gateways, id, drain: true));
        ops.MapDelete("/gateways/{id}/drain", (string id, GatewayDirectory gateways) => WishAsync(gateways, id, drain: false));
        ops.MapGet("/history", HistoryAsync);
        ops.MapRing();
    }

    private static async Task<Ok<GatewayList>> ListAsync(GatewayDirectory gateways) =>
        TypedResults.Ok(new GatewayList(await gateways.ListAsync()));

    /// <summary>Accepted: the gateway itself hears of it with its next heartbeat, within a second.</summary>
    private static async Task<Results<Accepted, ProblemHttpResult>> WishAsync(GatewayDirectory gateways, string id, bool drain) =>
        await gateways.WishAsync(id, drain)
            ? TypedResults.Accepted((string?)null)
            : Problems.Of(ProblemKind.UnknownGateway, $"No gateway of the name '{id}' lives.");

    private static async Task<Ok<HistoryState>> HistoryAsync(
        [FromKeyedServices(HistoryStreams.Server)] IConnectionMultiplexer redis, HistoryAppender appender, TimeProvider clock)
    {
        var database = redis.GetDatabase();
        var dead = database.StreamLengthAsync(HistoryStreams.DeadLetters);
        var lag = await HistoryLag.ReadAsync(database, HistoryStreams.All, clock);
        return TypedResults.Ok(new HistoryState(lag.Entries, Math.Round(lag.Age.TotalSeconds, 3), await dead, appender.Buffered));
    }

    private static async ValueTask<object?> UnavailableWhenAwayAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return Problems.Of(ProblemKind.Unavailable, "The server that would know is unavailable; try again.");
        }
    }

    private sealed record GatewayList(IReadOnlyList<GatewayState> Gateways)
    {
        /// <summary>Of all of them: what an autoscaler asks for.</summary>
        public int Sessions => Gateways.Sum(gateway => gateway.Sessions);
    }

    /// <param name="Lag">Entries of the history streams, of up to 256 points each, that are not stored yet.</param>
    /// <param name="LagAgeSeconds">For how long the oldest of them has waited.</param>
    /// <param name="DeadLetters">Entries that could not be stored.</param>
    /// <param name="Buffered">Points that this gateway holds in memory because the stream did not take them yet.</param>
    private sealed record HistoryState(long Lag, double LagAgeSeconds, long DeadLetters, int Buffered);
}
