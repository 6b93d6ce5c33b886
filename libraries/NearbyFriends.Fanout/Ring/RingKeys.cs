namespace NearbyFriends.Fanout.Ring;

/// <summary>The keys in etcd, below <see cref="Discovery.DiscoveryOptions.Prefix"/>.</summary>
internal sealed record RingKeys(string Prefix)
{
    /// <summary>What every process watches: <see cref="Record"/> and <see cref="Leader"/>.</summary>
    public string Ring => Prefix + "ring/";

    /// <summary>The ring.</summary>
    public string Record => Ring + RecordName;

    /// <summary>The process that commits changes and watches over the servers; lives with its lease.</summary>
    public string Leader => Ring + LeaderName;

    /// <summary>One key a process, each living with its lease.</summary>
    public string Processes => Prefix + "processes/";

    public const string RecordName = "record";

    public const string LeaderName = "leader";
}
