using Microsoft.Extensions.Diagnostics.HealthChecks;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Strangers;
using NearbyFriends.Gateway.Watching;

namespace NearbyFriends.Gateway.Friends;

/// <summary>Registers what learns of friends who come, go, hide or are renamed.</summary>
public static class FriendsRegistration
{
    public static IServiceCollection AddFriends(this IServiceCollection services)
    {
        services.AddSingleton<RecentlyHidden>();
        services.AddSingleton<JournalProgress>();
        services.AddSingleton<JournalReaders>();
        services.AddSingleton<FriendChanges>();
        services.AddHostedService<JournalReader>();
        services.AddSingleton(provider => new FrameReceiver(
            provider.GetRequiredService<WatchIndex>(), provider.GetRequiredService<Deliveries>(), provider.GetRequiredService<FriendChanges>().Apply));

        // Not ready before the journal was read once; a gateway that is cut off from it drains, which makes it unready too.
        services.AddHealthChecks().Add(new("journal", provider => new Readiness(provider.GetRequiredService<JournalProgress>()), HealthStatus.Unhealthy, tags: null));
        return services;
    }

    /// <summary>Hands the frames of users to what watches users, and to the changes of friends; those of cells to strangers.</summary>
    public static void ReceiveFrames(this WebApplication app)
    {
        var users = app.Services.GetRequiredService<FrameReceiver>();
        var strangers = app.Services.GetRequiredService<StrangersNearby>();
        app.Services.GetRequiredService<FanoutSubscriber>().OnFrame(frame =>
        {
            if (CellFrame.IsCellFrame(frame))
            {
                strangers.Receive(frame);
            }
            else
            {
                users.Receive(frame);
            }
        });
    }

    private sealed class Readiness(JournalProgress progress) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(progress.HasRead ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The journal was not read yet."));
    }
}
