namespace NearbyFriends.Fanout.Ring;

/// <summary>The keys in etcd, below <see cref="Discovery.DiscoveryOptions.Prefix"/>.</summary>
internal sealed record RingKeys(string Prefix)
{
    /// <summary>What every process watches: <see cref="Record"/> and <see cref="Leader"/>.</summary>
    public string Ring => Prefix + "ring/";

    /// <summary>The ring.</summary>
    public string Record => Ring + RecordName;

    /// <summary>The id of the leader (<see cref="RingLeader"/>); removed when its lease expires.</summary>
    public string Leader => Ring + LeaderName;

    /// <summary>One key for each process, removed when the lease of the process expires.</summary>
    public string Processes => Prefix + "processes/";

    public const string RecordName = "record";

    public const string LeaderName = "leader";
}
