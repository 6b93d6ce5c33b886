using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Fanout.Actors;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Cluster;
using NearbyFriends.Fanout.Ring;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.ServiceDefaults.Problems;
using StackExchange.Redis;

namespace NearbyFriends.Gateway.Operations;

/// <summary><c>/v1/ops/ring</c>: the pub/sub servers, and what operators change about them while people move.</summary>
public static class RingApi
{
    public static void MapRing(this RouteGroupBuilder ops)
    {
        var ring = ops.MapGroup("/ring");
        ring.MapGet("/", ShowAsync);
        ring = ring.MapGroup("").AddEndpointFilter(RefuseWithoutRingAsync);
        ring.MapDelete("/pending", async (RingChanges changes, CancellationToken cancel) => Answer(await changes.CancelAsync(cancel)));
        ring.MapPost("/servers", async (NewServer server, RingChanges changes, CancellationToken cancel) =>
            Answer(await changes.AddServerAsync(server.Name, cancel)));
        ring.MapPut("/servers/{name}", ReplaceAsync);
        ring.MapDelete("/servers/{name}", async (string name, RingChanges changes, CancellationToken cancel) =>
            Answer(await changes.RemoveServerAsync(name, cancel)));
        ring.MapPut("/pins/{channel}", async (string channel, Pin pin, RingChanges changes, CancellationToken cancel) =>
            Answer(await changes.PinAsync(channel, pin.Server, cancel)));
        ring.MapDelete("/pins/{channel}", async (string channel, RingChanges changes, CancellationToken cancel) =>
            Answer(await changes.UnpinAsync(channel, cancel)));
    }

    private static async Task<Ok<RingAnswer>> ShowAsync(
        IFanoutRoutes routes, RingReader reader, PubSubServers servers, ServerLoads loads, CancellationToken cancel)
    {
        if (routes is ClusterRoutes cluster)
        {
            var nodes = cluster.Cluster.GetServers();
            return TypedResults.Ok(RingAnswer.Of(nodes, await loads.SampleAsync(nodes.Select(node => (RingAnswer.NameOf(node), (IServer?)node))), cluster));
        }

        if (routes is ActorRoutes actors)
        {
            return TypedResults.Ok(RingAnswer.Of(actors));
        }

        var view = await reader.ReadAsync(cancel);
        var load = await loads.SampleAsync(view.Servers.Select(server =>
            (server.Name, servers.IsConfigured(server.Name) ? servers.Connection(server.Name).GetServers()[0] : null)));
        return TypedResults.Ok(RingAnswer.Of(view, load, routes.Scheme));
    }

    private static async ValueTask<object?> RefuseWithoutRingAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.RequestServices.GetRequiredService<IFanoutRoutes>() switch
        {
            ClusterRoutes => Problems.Of(
                ProblemKind.Cluster, "There is no ring: a Redis Cluster places the channels, and its own tools change that (redis-cli --cluster)."),
            ActorRoutes => Problems.Of(
                ProblemKind.Actors, "There is no ring: the channels are actors of the gateways, which move when gateways start and stop."),
            _ => await next(context),
        };

    /// <summary>With the standby that the body names, or else the first that there is.</summary>
    private static async Task<IResult> ReplaceAsync(string name, Replacement? by, RingReader reader, RingChanges changes, CancellationToken cancel) =>
        (by?.With ?? (await reader.ReadAsync(cancel)).Record.Standbys.FirstOrDefault()) is { } standby
            ? Answer(await changes.ReplaceServerAsync(name, standby, cancel))
            : Problems.Of(ProblemKind.NoStandby, $"There is no standby that could replace {name}; name a server in 'with'.");

    /// <summary>Accepted: it is in force once every process is ready for it, which <c>GET /v1/ops/ring</c> shows.</summary>
    private static IResult Answer(RingChange change) => change.Outcome switch
    {
        RingChangeOutcome.Accepted => TypedResults.Accepted((string?)null, new Change(change.Epoch, change.Message)),
        RingChangeOutcome.Unchanged => TypedResults.Ok(new Change(change.Epoch, change.Message)),
        RingChangeOutcome.UnknownServer => Problems.Of(ProblemKind.UnknownServer, change.Message),
        RingChangeOutcome.UnknownChannel => Problems.Of(ProblemKind.UnknownChannel, change.Message),
        RingChangeOutcome.AlreadyMember => Problems.Of(ProblemKind.AlreadyMember, change.Message),
        RingChangeOutcome.NotConfigured => Problems.Of(ProblemKind.NotConfigured, change.Message),
        RingChangeOutcome.NotAnswering => Problems.Of(ProblemKind.NotAnswering, change.Message),
        RingChangeOutcome.LastServer => Problems.Of(ProblemKind.LastServer, change.Message),
        RingChangeOutcome.ChangePending => Problems.Of(ProblemKind.ChangePending, change.Message),
        RingChangeOutcome.NoDiscovery => Problems.Of(ProblemKind.NoDiscovery, change.Message),
        RingChangeOutcome.DiscoveryAway => Problems.Of(ProblemKind.DiscoveryAway, change.Message),
        _ => throw new InvalidOperationException($"An outcome that has no answer: {change.Outcome}"),
    };

    private sealed record NewServer(string Name);

    private sealed record Replacement(string? With = null);

    private sealed record Pin(string Server);

    private sealed record Change(long Epoch, string Message);
}
