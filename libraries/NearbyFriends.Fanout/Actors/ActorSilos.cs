using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NearbyFriends.Fanout.Discovery;
using Orleans.Runtime;

namespace NearbyFriends.Fanout.Actors;

/// <summary>Follows which silos are alive and host actors: the gateways, not the Api, which only publishes.</summary>
internal sealed partial class ActorSilos(IClusterManifestProvider manifests, ILocalSiloDetails local, ILogger<ActorSilos> logger) : BackgroundService
{
    private static readonly GrainType Actor = GrainType.Create(ChannelActor.TypeName);

    /// <summary>The owners now, for who waits for others.</summary>
    public Latest<ActorOwners> Owners { get; } = new(new ActorOwners([]));

    /// <summary>This process.</summary>
    public SiloAddress Local => local.SiloAddress;

    /// <summary>The silo that a channel's actor belongs on now; null when none hosts actors.</summary>
    public SiloAddress? OwnerOf(string channel) => Owners.Value.Of(channel);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var manifest in manifests.Updates.WithCancellation(stoppingToken))
        {
            var silos = manifest.Silos.Where(silo => silo.Value.Grains.ContainsKey(Actor)).Select(silo => silo.Key).ToHashSet();
            if (!silos.SetEquals(Owners.Value.Silos))
            {
                Owners.Set(new ActorOwners(silos));
                LogChanged(silos.Count);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "{Silos} silos host actors.")]
    private partial void LogChanged(int silos);
}
