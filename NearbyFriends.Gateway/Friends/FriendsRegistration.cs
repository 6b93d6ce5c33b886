using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.Gateway.Strangers;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.ServiceDefaults.Health;

namespace NearbyFriends.Gateway.Friends;

/// <summary>Registers what learns of friends who come, go, hide or are renamed.</summary>
public static class FriendsRegistration
{
    public static IServiceCollection AddFriends(this IServiceCollection services)
    {
        services.AddSingleton<RecentlyHidden>();
        services.AddSingleton<JournalProgress>();
        services.AddSingleton<Standstill>();
        services.AddSingleton<JournalReaders>();
        services.AddSingleton<FriendChanges>();
        services.AddHostedService<JournalReader>();
        services.AddSingleton(provider => new FrameReceiver(
            provider.GetRequiredService<WatchIndex>(), provider.GetRequiredService<Deliveries>(),
            provider.GetRequiredService<FriendChanges>().Apply, provider.GetRequiredService<SessionNotices>().Show));

        // A gateway that is cut off from the journal later drains, which makes it unready too.
        services.AddReadiness(
            "journal", provider => provider.GetRequiredService<JournalProgress>().HasRead ? null : "The journal of changes was not read yet.");
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
}
