namespace NearbyFriends.Fanout.Discovery;

/// <summary>etcd is away, or refused a call.</summary>
public sealed class EtcdException : Exception
{
    public EtcdException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>A watch asked for a revision that etcd has compacted away: what happened until then can only be read, not replayed.</summary>
public sealed class EtcdCompactedException(long compactRevision)
    : Exception($"etcd has forgotten revisions before {compactRevision}.");
