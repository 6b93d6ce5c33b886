using System.Buffers;
using System.Collections.Concurrent;

namespace NearbyFriends.Gateway.Protocol;

/// <summary>The bytes of one outgoing message, in rented memory; returned by <see cref="Dispose"/> once it was sent.</summary>
public sealed class MessageBuffer : IBufferWriter<byte>, IDisposable
{
    private const int InitialBytes = 512;
    private static readonly ConcurrentBag<MessageBuffer> Pool = [];
    private byte[] _bytes = [];
    private int _length;

    private MessageBuffer()
    {
    }

    /// <summary>The message's type; names the event of a stream.</summary>
    public string Type { get; private set; } = "";

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    /// <summary>When the oldest update in it was received, Unix microseconds; 0 when it carries none.</summary>
    public long OldestReceivedAt { get; set; }

    /// <summary>Called once it was sent, and not if it is dropped or its connection breaks; null for nothing.</summary>
    public Action? Sent { get; set; }

    public static MessageBuffer Rent(string type)
    {
        var buffer = Pool.TryTake(out var pooled) ? pooled : new MessageBuffer();
        buffer.Type = type;
        buffer.OldestReceivedAt = 0;
        buffer._length = 0;
        return buffer;
    }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _bytes.AsSpan(_length);
    }

    /// <summary>Bytes already written, to be written again.</summary>
    public Span<byte> Rewrite(int start, int length) => _bytes.AsSpan(start, length);

    /// <summary>Gives the memory back; the buffer must not be used afterwards.</summary>
    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }

        Sent = null;
        Pool.Add(this);
    }

    private void EnsureRoom(int sizeHint)
    {
        var needed = _length + Math.Max(sizeHint, 1);
        if (needed <= _bytes.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(needed, InitialBytes), _bytes.Length * 2));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = larger;
    }
}
