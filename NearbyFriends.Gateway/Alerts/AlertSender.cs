using System.Diagnostics.Metrics;
using NearbyFriends.Core;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.Gateway.Telemetry;
using NearbyFriends.LocationCache.Notices;
using StackExchange.Redis;

namespace NearbyFriends.Gateway.Alerts;

/// <summary>Decides whether a friend's new range is an alert, and sends it on its two ways: to the user's sessions on any gateway, and to the queue of notices.</summary>
/// <remarks>
/// If this process dies between the decision and the sending, the alert is lost: better none than two. Without pub/sub no session shows
/// it, and it is pushed.
/// </remarks>
public sealed partial class AlertSender(Approaches approaches, NoticeQueue notices, FanoutPublisher publisher, ILogger<AlertSender> logger)
{
    private static readonly Counter<long> Sent = GatewayTelemetry.Meter.CreateCounter<long>(
        "nearbyfriends.alerts.sent", "{alert}", "Approaches of friends that this gateway had told.");

    private static readonly Counter<long> Failures = GatewayTelemetry.Meter.CreateCounter<long>(
        "nearbyfriends.alerts.failures", "{look}", "Friends' ranges that could not be judged, the location cache being unavailable; the next update of the friend is judged again.");

    /// <summary>Takes a friend's new range; false if it could not be judged.</summary>
    public async Task<bool> TakeAsync(Sighting sighting)
    {
        try
        {
            if (await approaches.EnterAsync(sighting.Watch.UserId, sighting.FriendId, sighting.Proximity, sighting.Cooldown) is not { } telling)
            {
                return true;
            }

            if (sighting.Watch.DistanceTo(sighting.FriendId) is not { } distance)
            {
                await telling.TakeBackAsync(); // it hid meanwhile; or the watch was replaced, and the next one decides
                return true;
            }

            var alert = new Alert(sighting.Watch.UserId, sighting.FriendId, Math.Round(distance, 1), telling.Time);
            publisher.TrySend(FrameEntry.Alerted(alert));
            await notices.AddAsync(Notice.Of(alert));
            Sent.Add(1);
            return true;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            Failures.Add(1);
            LogFailed(e.Message);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Debug, "A friend's approach could not be evaluated: {Reason}")]
    private partial void LogFailed(string reason);
}
