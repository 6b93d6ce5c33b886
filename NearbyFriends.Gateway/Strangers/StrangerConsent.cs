namespace NearbyFriends.Gateway.Strangers;

/// <summary>Whether one session's user sees strangers and is seen by them, as far as its gateway knows. Thread-safe.</summary>
/// <param name="version">As loaded: 0 while there is no consent.</param>
public sealed class StrangerConsent(long version)
{
    private readonly Lock _gate = new();
    private long _known = version;
    private bool _isGiven = version > 0;

    /// <summary>The version under which the user's square may be shown; 0 while it may not.</summary>
    public long Version
    {
        get
        {
            lock (_gate)
            {
                return _isGiven ? _known : 0;
            }
        }
    }

    /// <summary>Takes a switch, unless a later one is known.</summary>
    public void Switch(long version, bool isGiven)
    {
        lock (_gate)
        {
            if (version > _known)
            {
                (_known, _isGiven) = (version, isGiven);
            }
        }
    }

    /// <summary>Takes what the friend source says now: a version, or 0 for no consent.</summary>
    public void Load(long version)
    {
        lock (_gate)
        {
            (_known, _isGiven) = (Math.Max(_known, version), version > 0 && version >= _known);
        }
    }
}
