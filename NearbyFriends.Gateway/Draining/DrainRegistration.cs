using Microsoft.Extensions.Options;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.ServiceDefaults.Health;

namespace NearbyFriends.Gateway.Draining;

/// <summary>Registers what lets a gateway leave in good order.</summary>
public static class DrainRegistration
{
    // What stopping needs beside the drain: the last close frames, the history in memory, the other services.
    private static readonly TimeSpan StopAfterDrain = TimeSpan.FromSeconds(20);

    /// <summary>Needs sessions. The host waits for the longest drain that the settings allow; its default of 30 s would cut it.</summary>
    public static IServiceCollection AddDraining(this IServiceCollection services)
    {
        services.AddSingleton(provider =>
        {
            var sessions = provider.GetRequiredService<SessionRegistry>();
            return ActivatorUtilities.CreateInstance<Drain>(provider, () => sessions.All);
        });
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        services.AddReadiness("draining", provider => provider.GetRequiredService<Drain>().IsDraining ? "This gateway is draining." : null);
        services.AddOptions<HostOptions>().Configure<IOptions<GatewayOptions>>((host, gateway) =>
            host.ShutdownTimeout = gateway.Value.DrainDelay + gateway.Value.DrainTime + StopAfterDrain);
        return services;
    }
}
