using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NearbyFriends.Fanout.Discovery;
using Orleans.Metadata;
using Orleans.Runtime;

namespace NearbyFriends.Fanout.Actors;

/// <summary>Follows which silos are alive, host actors, and are not about to stop: gateways, not the Api, which only publishes.</summary>
internal sealed partial class ActorSilos(IClusterManifestProvider manifests, ILocalSiloDetails local, ILogger<ActorSilos> logger) : BackgroundService
{
    private static readonly GrainType Actor = GrainType.Create(ChannelActor.TypeName);

    private readonly Lock _gate = new();
    private readonly HashSet<SiloAddress> _leaving = [];

    /// <summary>The owners now, for who waits for others.</summary>
    public Latest<ActorOwners> Owners { get; } = new(new ActorOwners([]));

    /// <summary>This process.</summary>
    public SiloAddress Local => local.SiloAddress;

    /// <summary>The silo that a channel's actor belongs on now; null when none hosts actors.</summary>
    public SiloAddress? OwnerOf(string channel) => Owners.Value.Of(channel);

    /// <summary>All members, also those that host no actors.</summary>
    public IEnumerable<SiloAddress> Members => manifests.Current.Silos.Keys;

    /// <summary>Takes it from a silo that nothing belongs there any more: it will stop.</summary>
    public void Leave(SiloAddress silo)
    {
        lock (_gate)
        {
            _leaving.Add(silo);
            Update(manifests.Current);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var manifest in manifests.Updates.WithCancellation(stoppingToken))
        {
            lock (_gate)
            {
                _leaving.IntersectWith(manifest.Silos.Keys);
                Update(manifest);
            }
        }
    }

    private void Update(ClusterManifest manifest)
    {
        var silos = manifest.Silos.Where(silo => silo.Value.Grains.ContainsKey(Actor)).Select(silo => silo.Key).Except(_leaving).ToHashSet();
        if (!silos.SetEquals(Owners.Value.Silos))
        {
            Owners.Set(new ActorOwners(silos));
            LogChanged(silos.Count);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Silos} silos host actors.")]
    private partial void LogChanged(int silos);
}
