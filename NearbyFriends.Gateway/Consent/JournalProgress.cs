using NearbyFriends.People;

namespace NearbyFriends.Gateway.Consent;

/// <summary>How far this gateway has read the journal, and whether it is the only one that cannot read it.</summary>
public sealed class JournalProgress(TimeProvider clock)
{
    /// <summary>A gateway that could not read for this long, while others could, is cut off.</summary>
    public static readonly TimeSpan CutOffAfter = TimeSpan.FromMinutes(1);

    private long _readAt;
    private volatile bool _hasRead;
    private volatile bool _isCutOff;

    /// <summary>Where to continue; null at the start.</summary>
    public string? Cursor { get; private set; }

    /// <summary>Whether the journal was read once: before that, no session may open.</summary>
    public bool HasRead => _hasRead;

    /// <summary>Whether others read the journal and this gateway cannot: its sessions belong elsewhere.</summary>
    public bool IsCutOff => _isCutOff;

    /// <summary>How long ago the journal was read last; zero before the first time.</summary>
    public TimeSpan Age => _hasRead ? clock.GetElapsedTime(Volatile.Read(ref _readAt)) : TimeSpan.Zero;

    /// <summary>Whether the last success was <see cref="CutOffAfter"/> ago, or longer.</summary>
    public bool IsOverdue => Age >= CutOffAfter;

    /// <summary>All changes of this answer were taken.</summary>
    public void Advance(JournalTail tail)
    {
        Cursor = tail.Cursor;
        Volatile.Write(ref _readAt, clock.GetTimestamp());
        _isCutOff = false;
        _hasRead = true;
    }

    /// <summary>The journal could not be read, and a look at the others' heartbeat said whether they can.</summary>
    public void Miss(bool othersRead) => _isCutOff = IsOverdue && othersRead;
}
