using System.Buffers;
using System.Runtime.CompilerServices;

namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>
/// Gives out ranges of values that are all given up at once: a parser allocates the arrays of one reply here, reads
/// them, and calls <see cref="Reset"/>.
/// </summary>
/// <remarks>
/// Allocation moves an index in a block. A block that is too small for the next range is followed by one twice as big
/// (or as big as needed), which later replies reuse, so a steady load allocates nothing. Blocks come from the garbage
/// collector and go back to it, never to a pool: a connection may be disposed while another thread still parses.
/// For one thread at a time.
/// </remarks>
public sealed class Arena<T> : IDisposable
{
    // Of a few of these a connection keeps one; what a rare huge reply needed is not kept.
    private const int LargestBlockKeptInBytes = 1024 * 1024;

    private readonly int _firstBlockLength;
    private T[] _block = [];
    private int _used;

    /// <param name="options">The size of the first block; 8 KiB when null.</param>
    /// <param name="allocator">Must be null: blocks are arrays of the garbage collector.</param>
    public Arena(ArenaOptions? options = null, Allocator<T>? allocator = null)
    {
        if (allocator is not null)
            throw new NotSupportedException("This arena takes its blocks from the garbage collector only.");

        _firstBlockLength = Math.Max(1, (options ?? new ArenaOptions()).BlockSizeBytes / Unsafe.SizeOf<T>());
    }

    /// <summary>A range of <paramref name="length"/> values, which hold whatever was there before.</summary>
    public Sequence<T> Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > _block.Length - _used)
        {
            _block = new T[Math.Max(length, Math.Max(_firstBlockLength, Math.Min(2 * _block.Length, LargestBlockLength)))];
            _used = 0;
        }

        var start = _used;
        _used += length;
        return new(_block, start, length);
    }

    /// <summary>Gives up all ranges; what was allocated before must not be used any more.</summary>
    public void Reset()
    {
        _used = 0;
        if (_block.Length > LargestBlockLength)
            _block = [];
    }

    public void Dispose()
    {
        _used = 0;
        _block = [];
    }

    private static int LargestBlockLength => LargestBlockKeptInBytes / Unsafe.SizeOf<T>();
}

/// <summary>How an <see cref="Arena{T}"/> allocates.</summary>
public sealed class ArenaOptions
{
    private const int DefaultBlockSizeBytes = 8 * 1024;
    private const ArenaFlags Sharing = ArenaFlags.BlittableNonPaddedSharing | ArenaFlags.BlittablePaddedSharing;

    /// <param name="flags">Sharing concerns arenas of several types, which are not here: without effect.</param>
    /// <param name="blockSizeBytes">Size of the first block in bytes; 8 KiB when 0.</param>
    /// <param name="retentionPolicy">Must be null.</param>
    public ArenaOptions(ArenaFlags flags = ArenaFlags.BlittableNonPaddedSharing, int blockSizeBytes = 0, Func<long, long, long>? retentionPolicy = null)
    {
        if ((flags & ~Sharing) != ArenaFlags.None || retentionPolicy is not null)
            throw new NotSupportedException("This arena has no choice of memory, clearing and retention.");

        ArgumentOutOfRangeException.ThrowIfNegative(blockSizeBytes);
        BlockSizeBytes = blockSizeBytes == 0 ? DefaultBlockSizeBytes : blockSizeBytes;
    }

    public int BlockSizeBytes { get; }
}

/// <summary>Special wishes of an arena's owner.</summary>
[Flags]
public enum ArenaFlags
{
    None = 0,

    /// <summary>Types of the same size and padding may share blocks.</summary>
    BlittableNonPaddedSharing = 16,

    /// <summary>Types of the same size may share blocks.</summary>
    BlittablePaddedSharing = 32,
}

/// <summary>Where an arena takes its blocks from.</summary>
public abstract class Allocator<T>
{
    public abstract IMemoryOwner<T> Allocate(int length);
}
