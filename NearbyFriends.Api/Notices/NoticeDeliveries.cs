using NearbyFriends.Core;
using NearbyFriends.LocationCache.Notices;
using NearbyFriends.People;
using StackExchange.Redis;

namespace NearbyFriends.Api.Notices;

/// <summary>
/// Delivers notices that no session showed: each to all of its user's browsers and to the webhook, each of them by itself, again after a
/// growing pause with jitter until it succeeds, is refused, or is too old to matter.
/// </summary>
/// <remarks>All Apis take from one queue; what one of them had taken when it died, another takes after the lease.</remarks>
public sealed partial class NoticeDeliveries(
    NoticeQueue queue, NoticeConsent consent, PushSubscriptionStore subscriptions, PushSender push, WebhookSender webhook, FriendDatabase people,
    TimeProvider clock, ILogger<NoticeDeliveries> logger) : BackgroundService
{
    private const string ToPush = "push";
    private const string ToWebhook = "webhook";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private readonly LogThrottle _failures = new(clock);
    private bool _isUnavailable;

    /// <summary>How long after it happened a notice is still sent: that a friend is near is soon untrue.</summary>
    public static TimeSpan WorthSendingFor(NoticeKind kind) => kind == NoticeKind.Alert ? TimeSpan.FromMinutes(10) : TimeSpan.FromHours(12);

    /// <summary>How long to wait after so many failed attempts: doubled each time, up to 10 minutes, a random half of it taken off; longer if the receiver asks.</summary>
    /// <param name="attempts">1 or more.</param>
    /// <param name="asked">By the receiver; zero for nothing.</param>
    /// <param name="random">0 to 1.</param>
    public static TimeSpan PauseAfter(int attempts, TimeSpan asked, double random)
    {
        var jittered = ExponentialBackoff.UpperHalf(FirstPause, LongestPause, attempts - 1, random);
        return asked < jittered ? jittered : asked < LongestPause ? asked : LongestPause;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var due = new DueDeliveries(queue.TakeAsync, DeliverAsync, queue.GiveBackAsync, NoteFailure);
        using var timer = new PeriodicTimer(LookEvery, clock);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stoppingToken);
                await due.BeginAsync(stoppingToken);
                _isUnavailable = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
            {
                if (!_isUnavailable)
                {
                    LogQueueFailed(e.Message);
                }

                _isUnavailable = true;
            }
        }

        await due.EndAsync();
    }

    private Task DeliverAsync(NoticeDelivery delivery, CancellationToken cancellationToken) =>
        delivery.To is null ? AddressAsync(delivery, cancellationToken) : SendAsync(delivery, cancellationToken);

    private void NoteFailure(Exception failure)
    {
        if (_failures.Add() is > 0 and var count)
        {
            LogFailed(failure, count);
        }
    }

    /// <summary>Looks up the receivers, unless a session has shown the notice.</summary>
    private async Task AddressAsync(NoticeDelivery delivery, CancellationToken cancellationToken)
    {
        List<NoticeDelivery> addressed = [];
        if (await queue.IsShownAsync(delivery.Notice.Id))
        {
            NoticeTelemetry.Shown.Add(1);
        }
        else
        {
            if (push.IsConfigured)
            {
                addressed.AddRange((await subscriptions.ListAsync(delivery.Notice.UserId, cancellationToken)).Select(to => delivery with { To = to.Id }));
            }

            if (webhook.IsConfigured)
            {
                addressed.Add(delivery with { To = NoticeDelivery.Webhook });
            }
        }

        await queue.EndAsync(delivery, addressed, pause: TimeSpan.Zero);
    }

    private async Task SendAsync(NoticeDelivery delivery, CancellationToken cancellationToken)
    {
        var notice = delivery.Notice;
        var receiver = delivery.To == NoticeDelivery.Webhook ? ToWebhook : ToPush;
        var left = DateTimeOffset.FromUnixTimeMilliseconds(notice.Time) + WorthSendingFor(notice.Kind) - clock.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            await DropAsync(delivery, receiver, "expired");
            return;
        }

        var names = await people.DisplayNamesAsync([notice.OtherId], cancellationToken);
        if (!names.TryGetValue(notice.OtherId, out var name) || !await consent.HoldsAsync(notice, cancellationToken))
        {
            await DropAsync(delivery, receiver, "withdrawn");
            return;
        }

        var body = NoticeBody.Of(notice, name);
        var outcome = receiver == ToWebhook
            ? await webhook.SendAsync(body.WriteFor(notice.UserId), notice.Id, cancellationToken)
            : await PushAsync(delivery, body.Write(), left, cancellationToken);
        await EndAsync(delivery, receiver, outcome, cancellationToken);
    }

    private async Task<SendOutcome> PushAsync(NoticeDelivery delivery, string body, TimeSpan left, CancellationToken cancellationToken)
    {
        var all = await subscriptions.ListAsync(delivery.Notice.UserId, cancellationToken);
        return all.FirstOrDefault(subscription => subscription.Id == delivery.To) is not { } to
            ? new(SendResult.Gone)
            : await push.SendAsync(to, body, delivery.Notice.Id, left, isUrgent: delivery.Notice.Kind == NoticeKind.Alert, cancellationToken);
    }

    private async Task EndAsync(NoticeDelivery delivery, string receiver, SendOutcome outcome, CancellationToken cancellationToken)
    {
        switch (outcome.Result)
        {
            case SendResult.Sent:
                await queue.EndAsync(delivery, [], pause: TimeSpan.Zero);
                NoticeTelemetry.Sent.Add(1, NoticeTelemetry.To(receiver));
                break;
            case SendResult.Gone:
                await subscriptions.RemoveAsync(delivery.Notice.UserId, delivery.To!, cancellationToken);
                NoticeTelemetry.SubscriptionsRemoved.Add(1);
                await DropAsync(delivery, receiver, "gone");
                break;
            case SendResult.Refused:
                await DropAsync(delivery, receiver, "refused");
                break;
            default:
                var next = delivery with { Attempt = delivery.Attempt + 1 };
                await queue.EndAsync(delivery, [next], PauseAfter(next.Attempt, outcome.RetryAfter, Random.Shared.NextDouble()));
                NoticeTelemetry.Retried.Add(1, NoticeTelemetry.To(receiver));
                break;
        }
    }

    private async Task DropAsync(NoticeDelivery delivery, string receiver, string reason)
    {
        await queue.EndAsync(delivery, [], pause: TimeSpan.Zero);
        NoticeTelemetry.Dropped.Add(1, NoticeTelemetry.To(receiver), NoticeTelemetry.Because(reason));
    }

    [LoggerMessage(LogLevel.Warning, "Alerts and friend requests wait: the location cache is unavailable: {Reason}")]
    private partial void LogQueueFailed(string reason);

    [LoggerMessage(LogLevel.Warning, "Alerts and friend requests could not be delivered ({Count} since the last such line); it is tried again.")]
    private partial void LogFailed(Exception exception, int count);
}
