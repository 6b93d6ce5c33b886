using System.Runtime.InteropServices;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Storing;
using StackExchange.Redis;

namespace NearbyFriends.HistoryWorker.Streams;

/// <summary>An entry that was delivered and is not yet acknowledged.</summary>
/// <param name="Stream">0 to 15.</param>
/// <param name="Id">Its id in that stream.</param>
/// <param name="Body">An encoded <see cref="HistoryBatch"/>; may be malformed.</param>
public readonly record struct DeliveredEntry(int Stream, RedisValue Id, ReadOnlyMemory<byte> Body);

/// <summary>Entries of one or more streams that are stored by one transaction and acknowledged together.</summary>
public sealed class StreamBatch
{
    private readonly List<DeliveredEntry> _entries = [];
    private readonly List<DeadLetter> _deadLetters = [];

    /// <summary>What was delivered.</summary>
    public IReadOnlyList<DeliveredEntry> Entries => _entries;

    /// <summary>What of it cannot be stored.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters => _deadLetters;

    /// <summary>The points of all readable entries; whoever stores them may reorder them and take some out.</summary>
    public PointBuffer Points { get; } = new();

    /// <summary>Whether some of it may be stored already: it was delivered before, or an attempt to store it failed.</summary>
    public bool MayBeStored { get; set; }

    /// <summary>Forgets the content; the memory is kept for the next batch.</summary>
    public void Clear()
    {
        _entries.Clear();
        _deadLetters.Clear();
        Points.Clear();
        MayBeStored = false;
    }

    /// <summary>Adds an entry as it was read; one that cannot be decoded becomes a dead letter.</summary>
    public void Add(int stream, in StreamEntry entry) =>
        Add(new DeliveredEntry(stream, entry.Id, (ReadOnlyMemory<byte>)entry[HistoryStreams.BatchField]));

    /// <summary>Adds an entry of another batch.</summary>
    public void Add(in DeliveredEntry entry)
    {
        _entries.Add(entry);
        var room = Points.Room(HistoryBatch.MaxPointsIn(entry.Body.Length));
        if (HistoryBatch.Decode(entry.Body.Span, room, out var count) is { } reason)
        {
            Reject(entry, reason);
        }

        // A point is received before it is appended; if its time of receipt is later, the gateway's clock is ahead.
        Points.Advance(count);
        Points.ReceivedBy(HistoryStreams.AppendedAt(entry.Id), first: Points.Count - count);
    }

    /// <summary>Makes an entry a dead letter.</summary>
    public void Reject(in DeliveredEntry entry, string reason) => _deadLetters.Add(new(entry, reason));

    /// <summary>Adds the dead letters of another batch.</summary>
    public void RejectAll(IEnumerable<DeadLetter> deadLetters) => _deadLetters.AddRange(deadLetters);

    /// <summary>A batch of some of the entries, for finding the one that Postgres refuses.</summary>
    public StreamBatch Part(Range range)
    {
        var part = new StreamBatch { MayBeStored = true };
        foreach (ref readonly var entry in CollectionsMarshal.AsSpan(_entries)[range])
        {
            part.Add(entry);
        }

        // What cannot be read was noted when this batch was filled.
        part._deadLetters.Clear();
        return part;
    }
}
