using Microsoft.Extensions.Options;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.ServiceDefaults.Health;

namespace NearbyFriends.Gateway.Draining;

/// <summary>Registers what lets a gateway leave in good order.</summary>
public static class DrainRegistration
{
    // For what follows a drain: the last close frames, the history in memory, the other hosted services.
    private static readonly TimeSpan StopAfterDrain = TimeSpan.FromSeconds(20);

    /// <summary>Needs sessions. The host's shutdown timeout covers the longest drain that the settings allow; its default is 30 s.</summary>
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
