namespace NearbyFriends.Benchmarks.Chaos;

/// <summary>
/// The judge of the history. What the stream server has taken must be stored, once. What a gateway still buffered when it was killed
/// is lost; the contract says so, and it is counted apart.
/// </summary>
internal sealed class HistoryModel
{
    private readonly HashSet<(long User, long Time)> _sent = [];
    private readonly HashSet<(long User, long Time)> _accepted = [];

    /// <summary>A client sent a point of this user and time, Unix milliseconds.</summary>
    public void Sent(long user, long time) => Add(_sent, user, time);

    /// <summary>It was seen in the stream.</summary>
    public void Accepted(long user, long time) => Add(_accepted, user, time);

    /// <summary>Compares all that with what is stored in the end.</summary>
    /// <param name="stored">One for each row.</param>
    /// <param name="wasHidden">Whether a user was hidden at a time.</param>
    public HistoryVerdict Judge(IReadOnlyCollection<(long User, long Time)> stored, Func<long, long, bool> wasHidden)
    {
        var rows = stored.ToHashSet();
        lock (_sent)
        {
            lock (_accepted)
            {
                return new(
                    Lost: _accepted.Count(point => !rows.Contains(point)),
                    Duplicated: stored.Count - rows.Count,
                    Unknown: rows.Count(point => !_sent.Contains(point)),
                    Hidden: rows.Count(point => wasHidden(point.User, point.Time)),
                    Stored: rows.Count,
                    Sent: _sent.Count);
            }
        }
    }

    private static void Add(HashSet<(long, long)> points, long user, long time)
    {
        lock (points)
        {
            points.Add((user, time));
        }
    }
}

/// <summary>What became of the history, in points.</summary>
/// <param name="Lost">Taken by the stream server and not stored.</param>
/// <param name="Duplicated">Rows beyond the first of a user and time.</param>
/// <param name="Unknown">Stored, and sent by nobody.</param>
/// <param name="Hidden">Stored though their user hid before, by more than the bound.</param>
/// <param name="Stored">Stored.</param>
/// <param name="Sent">Sent by clients, hidden ones too.</param>
internal readonly record struct HistoryVerdict(int Lost, int Duplicated, int Unknown, int Hidden, int Stored, int Sent);
