namespace NearbyFriends.Gateway.Alerts;

/// <summary>Registers alerts.</summary>
public static class AlertsRegistration
{
    /// <summary>Needs the location cache, the fan-out, a friend source and what watches users.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services)
    {
        services.AddSingleton<Approaches>();
        services.AddSingleton<AlertSender>();
        services.AddSingleton<AlertWatches>().AddHostedService(provider => provider.GetRequiredService<AlertWatches>());
        return services;
    }
}
