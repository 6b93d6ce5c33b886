using Microsoft.Extensions.Options;

namespace NearbyFriends.LocationCache;

/// <summary>Configuration section <c>LocationCache</c>: the Redis servers that share out the location cache.</summary>
public sealed record LocationCacheOptions
{
    public const string Section = "LocationCache";

    /// <summary>The one server of a cache that configuration does not shard.</summary>
    public const string DefaultServer = "location-cache";

    private static readonly string[] DefaultServers = [DefaultServer];

    /// <summary>
    /// Names of the servers, 1 to 64, the same in every process; each has a connection string of the same name. Default:
    /// <c>location-cache</c> alone.
    /// </summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>
    /// Names of the replicas that take over from <see cref="Servers"/>, in their order; none, or an empty name, for a server
    /// that has none. Each has a connection string; which server follows which is seen to by the process that leads the ring.
    /// </summary>
    public IReadOnlyList<string> Replicas { get; init; } = [];

    /// <summary><see cref="Servers"/>, or the default.</summary>
    public IReadOnlyList<string> Shards => Servers.Count > 0 ? Servers : DefaultServers;

    /// <summary>The replica of a shard, by its place among them; null when it has none.</summary>
    public string? ReplicaOf(int shard) => shard < Replicas.Count && Replicas[shard] is { Length: > 0 } replica ? replica : null;
}

/// <summary>Stops a service whose location cache cannot work, with a sentence that names the setting.</summary>
public sealed class ValidateLocationCacheOptions : IValidateOptions<LocationCacheOptions>
{
    private const int MaxServers = 64;

    public ValidateOptionsResult Validate(string? name, LocationCacheOptions options)
    {
        var errors = new List<string>();
        if (options.Servers.Count > MaxServers)
            errors.Add($"LocationCache:Servers names {options.Servers.Count} servers; it must name at most {MaxServers}.");

        if (options.Servers.Any(string.IsNullOrWhiteSpace))
            errors.Add("LocationCache:Servers has an empty name; each entry must name a connection string.");

        if (options.Replicas.Count > options.Shards.Count)
            errors.Add($"LocationCache:Replicas names {options.Replicas.Count} servers; there are only {options.Shards.Count} to have a replica.");

        if (options.Shards.Concat(options.Replicas.Where(name => name.Length > 0)).CountBy(name => name, StringComparer.Ordinal)
                .FirstOrDefault(name => name.Value > 1) is { Key: { } twice })
        {
            errors.Add($"LocationCache:Servers and LocationCache:Replicas name '{twice}' more than once.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
