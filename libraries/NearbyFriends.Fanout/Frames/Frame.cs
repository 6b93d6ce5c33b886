using System.Buffers.Binary;
using System.Diagnostics;
using NearbyFriends.Core.Geo;

namespace NearbyFriends.Fanout.Frames;

/// <summary>
/// The bytes of a frame: a header of 16, entries of 32 each, then 26 for each entry that is traced.
/// </summary>
/// <remarks>
/// <para>
/// <code>
/// header  'N' 'F'  format(1)=1  entries(1)  traced(1)  0 0 0  sentAt(8, Unix microseconds)
/// entry   kind(1)  more(1)  age(2, units of 100 us before sentAt, 65535 = unknown)  version(4)  user(8)
///         time(8) latitudeE7(4) longitudeE7(4)   or   other(8) detail(8)
/// more    of a location its accuracy, 0 where older gateways send none; else the flag
/// traced  entry(1)  flags(1)  traceId(16)  spanId(8)
/// </code>
/// Little endian. Entries have one size so that a reader needs no cursor and a writer no estimate.
/// </para>
/// <para>
/// Gateways of two versions read each other's frames during a release. A later version may add kinds of entries of the same size, fill
/// bytes that are 0 here, and append to the end of the frame: a reader ignores all of that. Any other layout needs another format
/// byte. Older gateways then drop whole frames, so a release must come between in which gateways read both.
/// </para>
/// </remarks>
public static class Frame
{
    /// <summary>Entries in the largest frame.</summary>
    public const int MaxEntries = 64;

    /// <summary>The largest version that an entry has room for; at one change a second a user has it in 136 years.</summary>
    public const long MaxVersion = uint.MaxValue;

    internal const int HeaderBytes = 16;
    internal const int EntryBytes = 32;
    internal const int TraceBytes = 26;
    private const byte Format = 1;
    private const long AgeUnitMicroseconds = 100;

    internal static void WriteHeader(Span<byte> header, int entries, int traced, long sentAt)
    {
        header.Clear();
        header[0] = (byte)'N';
        header[1] = (byte)'F';
        header[2] = Format;
        header[3] = (byte)entries;
        header[4] = (byte)traced;
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], sentAt);
    }

    internal static void WriteEntry(Span<byte> to, in FrameEntry entry, long sentAt)
    {
        to[0] = (byte)entry.Kind;
        to[1] = entry.Kind == FrameEntryKind.Location ? entry.Accuracy.Code : entry.Flag ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(to[2..], Age(entry.ReceivedAt, sentAt));
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], (uint)entry.Version); // TryAdd saw to it that it fits
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], entry.UserId);
        if (entry.Kind == FrameEntryKind.Location)
        {
            BinaryPrimitives.WriteInt64LittleEndian(to[16..], entry.Location.Time);
            BinaryPrimitives.WriteInt32LittleEndian(to[24..], entry.Location.LatitudeE7);
            BinaryPrimitives.WriteInt32LittleEndian(to[28..], entry.Location.LongitudeE7);
        }
        else
        {
            BinaryPrimitives.WriteInt64LittleEndian(to[16..], entry.Other);
            BinaryPrimitives.WriteInt64LittleEndian(to[24..], entry.Detail);
        }
    }

    internal static FrameEntry ReadEntry(ReadOnlySpan<byte> from, long sentAt)
    {
        var kind = (FrameEntryKind)from[0];
        var age = BinaryPrimitives.ReadUInt16LittleEndian(from[2..]);
        var receivedAt = age == ushort.MaxValue ? 0 : sentAt - (age * AgeUnitMicroseconds);
        var version = BinaryPrimitives.ReadUInt32LittleEndian(from[4..]);
        var userId = BinaryPrimitives.ReadInt64LittleEndian(from[8..]);
        var value = BinaryPrimitives.ReadInt64LittleEndian(from[16..]);
        return kind == FrameEntryKind.Location
            ? FrameEntry.Moved(
                userId,
                version,
                new Location(BinaryPrimitives.ReadInt32LittleEndian(from[24..]), BinaryPrimitives.ReadInt32LittleEndian(from[28..]), value),
                receivedAt,
                new Accuracy(from[1]))
            : new FrameEntry(kind, userId, version, Other: value, Flag: from[1] != 0, ReceivedAt: receivedAt,
                Detail: BinaryPrimitives.ReadInt64LittleEndian(from[24..]));
    }

    internal static void WriteTrace(Span<byte> to, int entry, in ActivityContext trace)
    {
        to[0] = (byte)entry;
        to[1] = (byte)trace.TraceFlags;
        trace.TraceId.CopyTo(to[2..18]);
        trace.SpanId.CopyTo(to[18..26]);
    }

    internal static ActivityContext ReadTrace(ReadOnlySpan<byte> from) => new(
        ActivityTraceId.CreateFromBytes(from[2..18]),
        ActivitySpanId.CreateFromBytes(from[18..26]),
        (ActivityTraceFlags)from[1],
        isRemote: true);

    internal static bool IsWellFormed(ReadOnlySpan<byte> frame) =>
        frame.Length >= HeaderBytes && frame[0] == 'N' && frame[1] == 'F' && frame[2] == Format && frame[3] <= MaxEntries
        && frame.Length >= HeaderBytes + (frame[3] * EntryBytes) + (frame[4] * TraceBytes);

    private static ushort Age(long receivedAt, long sentAt) =>
        receivedAt == 0 ? ushort.MaxValue : (ushort)Math.Clamp((sentAt - receivedAt) / AgeUnitMicroseconds, 0, ushort.MaxValue - 1);
}

/// <summary>Reads the entries of one frame in order, in place.</summary>
public ref struct FrameReader
{
    private readonly ReadOnlySpan<byte> _frame;
    private readonly long _sentAt;
    private readonly int _entries;
    private readonly int _tracesEnd;
    private int _next;
    private int _nextTrace;

    private FrameReader(ReadOnlySpan<byte> frame)
    {
        _frame = frame;
        _sentAt = BinaryPrimitives.ReadInt64LittleEndian(frame[8..]);
        _entries = frame[3];
        _nextTrace = Frame.HeaderBytes + (_entries * Frame.EntryBytes);
        _tracesEnd = _nextTrace + (frame[4] * Frame.TraceBytes);
    }

    /// <summary>False when the bytes are no frame of this format, or it has more entries than a frame holds.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> frame, out FrameReader reader)
    {
        reader = default;
        if (!Frame.IsWellFormed(frame))
        {
            return false;
        }

        reader = new FrameReader(frame);
        return true;
    }

    /// <summary>The next entry and the trace it belongs to (default when it is not traced); false at the end.</summary>
    public bool TryRead(out FrameEntry entry, out ActivityContext trace)
    {
        trace = default;
        if (_next == _entries)
        {
            entry = default;
            return false;
        }

        entry = Frame.ReadEntry(_frame.Slice(Frame.HeaderBytes + (_next * Frame.EntryBytes), Frame.EntryBytes), _sentAt);
        if (_nextTrace < _tracesEnd && _frame[_nextTrace] == _next)
        {
            trace = Frame.ReadTrace(_frame.Slice(_nextTrace, Frame.TraceBytes));
            _nextTrace += Frame.TraceBytes;
        }

        _next++;
        return true;
    }
}

/// <summary>Collects entries until a frame leaves. Not thread-safe: its owner holds a lock.</summary>
public sealed class FrameBuilder
{
    private readonly FrameEntry[] _entries = new FrameEntry[Frame.MaxEntries];
    private readonly List<(int Entry, ActivityContext Context)> _traces = [];

    /// <summary>Entries collected so far.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the next <see cref="TryAdd"/> needs a <see cref="Take"/> first.</summary>
    public bool IsFull => Count == Frame.MaxEntries;

    /// <summary>The traces of the entries that are sampled.</summary>
    public IEnumerable<ActivityContext> Traces => _traces.Select(trace => trace.Context);

    /// <summary>Whether an entry is sampled.</summary>
    public bool IsTraced => _traces.Count > 0;

    /// <summary>
    /// Adds one entry; <paramref name="trace"/> travels along when it is sampled. False, and nothing is added, when its version does
    /// not fit.
    /// </summary>
    public bool TryAdd(in FrameEntry entry, in ActivityContext trace)
    {
        if (entry.Version is < 0 or > Frame.MaxVersion)
        {
            return false;
        }

        if (trace.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
        {
            _traces.Add((Count, trace));
        }

        _entries[Count++] = entry;
        return true;
    }

    /// <summary>The bytes of a frame with all entries; the builder is empty again.</summary>
    /// <param name="sentAt">Unix microseconds UTC, now.</param>
    public byte[] Take(long sentAt)
    {
        var frame = new byte[Frame.HeaderBytes + (Count * Frame.EntryBytes) + (_traces.Count * Frame.TraceBytes)];
        Frame.WriteHeader(frame, Count, _traces.Count, sentAt);
        var at = Frame.HeaderBytes;
        for (var i = 0; i < Count; i++, at += Frame.EntryBytes)
        {
            Frame.WriteEntry(frame.AsSpan(at, Frame.EntryBytes), _entries[i], sentAt);
        }

        foreach (var (entry, context) in _traces)
        {
            Frame.WriteTrace(frame.AsSpan(at, Frame.TraceBytes), entry, context);
            at += Frame.TraceBytes;
        }

        _traces.Clear();
        Count = 0;
        return frame;
    }
}
