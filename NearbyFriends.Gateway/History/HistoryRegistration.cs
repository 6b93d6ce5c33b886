using Microsoft.Extensions.DependencyInjection.Extensions;
using NearbyFriends.ServiceDefaults.Hosting;

namespace NearbyFriends.Gateway.History;

/// <summary>Registers the gateway's end of the history.</summary>
public static class HistoryRegistration
{
    /// <summary>
    /// <see cref="HistoryAppender"/> and its loop, which sends what is left when the service stops. Needs the keyed
    /// Redis connection <c>history-stream</c>.
    /// </summary>
    public static IServiceCollection AddHistoryAppender(this IServiceCollection services)
    {
        services.AddOptions<HistoryAppenderOptions>().BindConfiguration(HistoryAppenderOptions.Section)
            .ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<HistoryAppender>();
        return services.AddValidatedHostedService<HistoryAppender>();
    }
}
