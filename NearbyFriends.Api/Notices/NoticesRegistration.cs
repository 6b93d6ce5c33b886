using Microsoft.Extensions.Options;

namespace NearbyFriends.Api.Notices;

/// <summary>Registers the delivery of alerts and friend requests.</summary>
public static class NoticesRegistration
{
    /// <summary>Needs the database of users and the location cache.</summary>
    public static IServiceCollection AddNotices(this IServiceCollection services)
    {
        services.AddOptions<NoticeOptions>().BindConfiguration(NoticeOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<NoticeOptions>, ValidateNoticeOptions>();
        services.AddSingleton<PushKeys>();
        services.AddSingleton<PushSubscriptionStore>();
        services.AddSingleton<PushSender>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<NoticeConsent>();
        services.AddHostedService<NoticeDeliveries>();
        return services;
    }
}
