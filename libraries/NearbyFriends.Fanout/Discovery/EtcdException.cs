namespace NearbyFriends.Fanout.Discovery;

/// <summary>etcd is unavailable, or refused a call.</summary>
public sealed class EtcdException : Exception
{
    public EtcdException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>A watch asked for a compacted revision: its changes cannot be replayed, only the current keys can be read.</summary>
public sealed class EtcdCompactedException(long compactRevision)
    : Exception($"etcd has compacted the revisions before {compactRevision}.");
