using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace NearbyFriends.Core.Fanout;

/// <summary>Finds the pub/sub server of a user's channel: the ring names it, configuration says where it is.</summary>
public sealed class PubSubServers
{
    private readonly HashRing _ring;
    private readonly Dictionary<string, IConnectionMultiplexer> _connections;

    public PubSubServers(IOptions<FanoutOptions> options, IServiceProvider services)
    {
        Scheme = ChannelScheme.TryParse(options.Value.Channels)
            ?? throw new OptionsValidationException(FanoutOptions.Section, typeof(FanoutOptions), ["Fanout:Channels cannot be read."]);
        _ring = HashRing.Of(options.Value.Servers, Scheme.SlotCount);
        _connections = options.Value.Servers.ToDictionary(
            name => name, name => services.GetRequiredKeyedService<IConnectionMultiplexer>(name), StringComparer.Ordinal);
    }

    /// <summary>Which channels there are.</summary>
    public ChannelScheme Scheme { get; }

    /// <summary>The name of the server that a slot's channels live on.</summary>
    public string NameOf(int slot) => _ring.ServerOf(slot);

    /// <summary>The connection to a server, by its name.</summary>
    public IConnectionMultiplexer Connection(string name) => _connections[name];

    /// <summary>The connection to the server that a slot's channels live on.</summary>
    public IConnectionMultiplexer ConnectionOf(int slot) => _connections[NameOf(slot)];
}
