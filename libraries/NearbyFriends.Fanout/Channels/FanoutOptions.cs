using Microsoft.Extensions.Options;

namespace NearbyFriends.Fanout.Channels;

/// <summary>Configuration section <c>Fanout</c>: how updates travel from gateway to gateway.</summary>
public sealed record FanoutOptions
{
    public const string Section = "Fanout";

    /// <summary><c>Partitioned(n)</c>, n from 1 to 4,096 (default 16), or <c>PerUser</c>.</summary>
    public string Channels { get; init; } = "Partitioned(16)";

    /// <summary>
    /// <c>Ring</c> (default): independent pub/sub servers, named by <see cref="Servers"/>; <c>Cluster</c>: one Redis Cluster
    /// (Redis 7 or later), which may hold the location cache too; or <c>Actors</c>: no server but the gateways themselves.
    /// </summary>
    public string Transport { get; init; } = "Ring";

    /// <summary>Whether <see cref="Transport"/> is <c>Cluster</c>.</summary>
    public bool IsCluster => string.Equals(Transport, "Cluster", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether <see cref="Transport"/> is <c>Actors</c>.</summary>
    public bool IsActors => string.Equals(Transport, "Actors", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether <see cref="Transport"/> is <c>Ring</c>.</summary>
    public bool IsRing => string.Equals(Transport, "Ring", StringComparison.OrdinalIgnoreCase);

    /// <summary>The name of the cluster's connection string; default <c>redis-cluster</c>.</summary>
    public string Cluster { get; init; } = "redis-cluster";

    /// <summary>
    /// How long an update may wait for others, with which it is written to the location cache and sent in a frame; 1 ms to 1 s, default 25 ms. A
    /// gateway that is not told takes a twentieth of its pace (<c>Gateway:Flush</c>), 25 to 100 ms.
    /// </summary>
    public TimeSpan FrameWindow { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>
    /// Names of the pub/sub servers; each has a connection string of the same name. With etcd they are the ring of the
    /// first start: later it is what operators and failures made of it.
    /// </summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>Names of the servers that stand by to replace a dead one.</summary>
    public IReadOnlyList<string> Standbys { get; init; } = [];

    /// <summary>A pub/sub server, or a silo of the actors, that has not answered for so long is dead; 1 s to 1 min, default 3 s.</summary>
    public TimeSpan DeadAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Where deaths and returns of pub/sub servers are POSTed to, as JSON; nowhere when null.</summary>
    public string? AlertWebhook { get; init; }
}

/// <summary>Stops a service whose fan-out settings cannot work, with a sentence that names the setting.</summary>
public sealed class ValidateFanoutOptions : IValidateOptions<FanoutOptions>
{
    public ValidateOptionsResult Validate(string? name, FanoutOptions options)
    {
        var errors = new List<string>();
        if (ChannelScheme.TryParse(options.Channels) is null)
        {
            errors.Add($"Fanout:Channels is '{options.Channels}'; it must be 'PerUser' or 'Partitioned(n)' with n from 1 to {ChannelScheme.PerUserSlots}.");
        }

        if (!options.IsRing && !options.IsCluster && !options.IsActors)
        {
            errors.Add($"Fanout:Transport is '{options.Transport}'; it must be 'Ring', 'Cluster' or 'Actors'.");
        }

        if (options.IsCluster && string.IsNullOrWhiteSpace(options.Cluster))
        {
            errors.Add("Fanout:Cluster is empty; with Fanout:Transport=Cluster it must name the cluster's connection string.");
        }

        if (options.FrameWindow < TimeSpan.FromMilliseconds(1) || options.FrameWindow > TimeSpan.FromSeconds(1))
        {
            errors.Add($"Fanout:FrameWindow is {options.FrameWindow}; it must lie between 00:00:00.001 and 00:00:01.");
        }

        if (options.DeadAfter < TimeSpan.FromSeconds(1) || options.DeadAfter > TimeSpan.FromMinutes(1))
        {
            errors.Add($"Fanout:DeadAfter is {options.DeadAfter}; it must lie between 00:00:01 and 00:01:00.");
        }

        if (options.AlertWebhook is { Length: > 0 } url && (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")))
        {
            errors.Add($"Fanout:AlertWebhook is '{url}'; it must be an http or https address.");
        }

        if (options.IsRing && options.Servers.Count == 0)
        {
            errors.Add("Fanout:Servers is empty; it must name at least one pub/sub server (Fanout:Servers:0).");
        }

        var names = options.Servers.Concat(options.Standbys).ToList();
        if (names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            errors.Add($"Fanout:Servers and Fanout:Standbys name '{twice.Key}' more than once.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
