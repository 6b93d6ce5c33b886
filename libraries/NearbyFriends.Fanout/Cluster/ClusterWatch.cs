using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NearbyFriends.Fanout.Channels;
using StackExchange.Redis;

namespace NearbyFriends.Fanout.Cluster;

/// <summary>
/// Keeps what this process knows of its Redis Cluster up to date while something is wrong there.
/// </summary>
/// <remarks>
/// StackExchange.Redis follows MOVED answers, subscribes again where a node that gave a slot away ends a subscription, and
/// asks for the nodes once when a connection fails. But a master that dies is replaced only seconds after that, and nothing
/// tells a client that only listens: its next look would be a minute later. So from the first sign of trouble, and until
/// every channel is subscribed to again, the nodes are asked twice a second who serves what; each answer also renews
/// subscriptions.
/// </remarks>
public sealed partial class ClusterWatch(IFanoutRoutes routes, FanoutSubscriber subscriber, TimeProvider clock, ILogger<ClusterWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (routes is not ClusterRoutes cluster)
        {
            return;
        }

        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (!cluster.IsTroubled)
            {
                continue;
            }

            await AskAsync(cluster.Cluster);
            if (!subscriber.IsSubscribedToAll())
            {
                cluster.ReportTrouble();
            }
        }
    }

    private async Task AskAsync(IConnectionMultiplexer cluster)
    {
        try
        {
            FanoutTelemetry.ClusterAsked.Add(1);
            await cluster.ConfigureAsync();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            LogNobodyAnswers(e.Message); // and again
        }
    }

    [LoggerMessage(LogLevel.Warning, "No node of the Redis Cluster returned the slot map; retrying: {Reason}")]
    private partial void LogNobodyAnswers(string reason);
}
