using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace NearbyFriends.Fanout.Actors;

/// <summary>
/// An actor for each channel: under <c>PerUser</c> a user, who knows which gateways watch and where it is; under
/// <c>Partitioned(n)</c> a partition.
/// </summary>
/// <remarks>
/// <para>
/// It lives on the silo that <see cref="ActorOwners"/> names, in memory alone. When another becomes its owner because a gateway joined,
/// or is about to stop, it moves with what it knows at the next renewal, and messages meanwhile follow it. When its silo dies, everything it knew is
/// gone: gateways see the silo's death and watch anew, which makes another actor; the user's next update does the rest. An actor that
/// ends for another reason tells the gateways that watch it.
/// </para>
/// <para>A gateway that watches is forgotten when it does not renew. An actor that nobody calls is collected.</para>
/// </remarks>
[ChannelPlacement, GrainType(TypeName)]
internal sealed class ChannelActor(ActorSilos silos, ActorCensus census, Outboxes outboxes, IOptions<ActorOptions> options, TimeProvider clock)
    : Grain, IChannelActor, IGrainMigrationParticipant
{
    public const string TypeName = "channel";

    private readonly List<Watch> _watches = new(1);
    private byte[]? _last;
    private bool _isCounted;

    private string Channel => this.GetPrimaryKeyString();

    public Task PublishAsync(Immutable<byte[]> frame)
    {
        ActorTelemetry.Forwarded.Add(1);
        Remember(frame.Value);
        for (var i = _watches.Count - 1; i >= 0; i--)
        {
            if (clock.GetElapsedTime(_watches[i].RenewedAt) > options.Value.Lease)
            {
                _watches.RemoveAt(i);
                Count();
                ActorTelemetry.Expired.Add(1);
            }
            else
            {
                outboxes.Deliver(_watches[i].Gateway, Channel, frame.Value);
            }
        }

        return Task.CompletedTask;
    }

    public Task WatchAsync(SiloAddress gateway, long subscription)
    {
        var watch = new Watch(gateway, subscription, clock.GetTimestamp());
        var known = _watches.FindIndex(other => other.Gateway.Equals(gateway));
        if (known >= 0)
        {
            _watches[known] = watch with { Subscription = Math.Max(subscription, _watches[known].Subscription) };
        }
        else
        {
            _watches.Add(watch);
            Count();
            if (_last is { } last)
            {
                outboxes.Deliver(gateway, Channel, last);
            }
        }

        if (silos.OwnerOf(Channel)?.Equals(silos.Local) == false)
        {
            this.MigrateOnIdle();
        }

        return Task.CompletedTask;
    }

    public Task UnwatchAsync(SiloAddress gateway, long subscription)
    {
        _watches.RemoveAll(watch => watch.Gateway.Equals(gateway) && watch.Subscription <= subscription);
        Count();
        return Task.CompletedTask;
    }

    public Task<SiloAddress[]> GatewaysAsync() => Task.FromResult(_watches.Select(watch => watch.Gateway).ToArray());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        ActorTelemetry.Active.Add(1);
        ActorTelemetry.Activations.Add(1);
        Count();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        ActorTelemetry.Active.Add(-1);
        census.Count(ref _isCounted, isWatched: false);
        if (reason.ReasonCode != DeactivationReasonCode.Migrating)
        {
            _watches.ForEach(watch => outboxes.Lapse(watch.Gateway, Channel));
        }

        return Task.CompletedTask;
    }

    // Clocks of two processes do not compare: the lease begins anew on the other silo.
    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        dehydrationContext.TryAddValue(nameof(_watches), _watches.Select(watch => (watch.Gateway, watch.Subscription)).ToArray());
        dehydrationContext.TryAddValue(nameof(_last), _last);
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        if (rehydrationContext.TryGetValue(nameof(_watches), out (SiloAddress Gateway, long Subscription)[]? watches))
        {
            _watches.AddRange(watches!.Select(watch => new Watch(watch.Gateway, watch.Subscription, clock.GetTimestamp())));
        }

        rehydrationContext.TryGetValue(nameof(_last), out _last);
    }

    /// <summary>Where the user is, for who begins to watch; nothing from the moment at which the user hides.</summary>
    private void Remember(byte[] frame)
    {
        if (!ChannelScheme.IsOfOneUser(Channel) || !FrameReader.TryOpen(frame, out var reader))
        {
            return;
        }

        while (reader.TryRead(out var entry, out _))
        {
            _last = entry.Kind == FrameEntryKind.Location ? frame : entry.ToChange() is { Hides: true } ? null : _last;
        }
    }

    private void Count() => census.Count(ref _isCounted, _watches.Count > 0);

    private readonly record struct Watch(SiloAddress Gateway, long Subscription, long RenewedAt);
}
