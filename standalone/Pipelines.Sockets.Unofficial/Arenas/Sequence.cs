using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>Values that lie in an <see cref="Arena{T}"/>, by reference: the arena's owner decides how long they live.</summary>
/// <remarks>Always one segment: an arena here gives out contiguous ranges only. Members for several segments do their part.</remarks>
[SuppressMessage("Design", "CA1815", Justification = "Never compared; the real type's comparison is not needed.")]
public readonly struct Sequence<T>
{
    private readonly T[]? _block;
    private readonly int _start;
    private readonly int _length;

    internal Sequence(T[]? block, int start, int length) => (_block, _start, _length) = (block, start, length);

    public long Length => _length;

    public bool IsEmpty => _length == 0;

    [SuppressMessage("Performance", "CA1822", Justification = "An instance member of the real type.")]
    public bool IsSingleSegment => true;

    public Span<T> FirstSpan => new(_block, _start, _length);

    public SpanEnumerable Spans => new(FirstSpan);

    /// <summary>The value at <paramref name="index"/>, 0 to <see cref="Length"/> - 1.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref FirstSpan[index];
    }

    /// <summary>The same values, for where a struct of <typeparamref name="T"/> must hold its own children.</summary>
    public Sequence Untyped() => new(_block, _start, _length);

    public Enumerator GetEnumerator() => new(FirstSpan);

    /// <summary>Enumerates the values by reference.</summary>
    public ref struct Enumerator
    {
        private readonly Span<T> _values;
        private int _index = -1;

        internal Enumerator(Span<T> values) => _values = values;

        public readonly ref T Current => ref _values[_index];

        public bool MoveNext() => ++_index < _values.Length;

        /// <summary>Moves on and returns the value there.</summary>
        /// <exception cref="InvalidOperationException">There is no further value.</exception>
        public ref T GetNext()
        {
            if (!MoveNext())
                throw new InvalidOperationException("The sequence has no further value.");

            return ref Current;
        }
    }

    /// <summary>The sequence segment by segment.</summary>
    public readonly ref struct SpanEnumerable
    {
        private readonly Span<T> _values;

        internal SpanEnumerable(Span<T> values) => _values = values;

        public SpanEnumerator GetEnumerator() => new(_values);
    }

    /// <summary>Enumerates the segments.</summary>
    public ref struct SpanEnumerator
    {
        private bool _ended;

        internal SpanEnumerator(Span<T> values)
        {
            Current = values;
            _ended = values.IsEmpty;
        }

        public Span<T> Current { get; }

        public bool MoveNext()
        {
            var moved = !_ended;
            _ended = true;
            return moved;
        }
    }
}

/// <summary>A <see cref="Sequence{T}"/> that does not name its type of value.</summary>
[SuppressMessage("Design", "CA1815", Justification = "Never compared; the real type's comparison is not needed.")]
public readonly struct Sequence
{
    private readonly Array? _block;
    private readonly int _start;
    private readonly int _length;

    internal Sequence(Array? block, int start, int length) => (_block, _start, _length) = (block, start, length);

    public long Length => _length;

    /// <summary>The typed sequence.</summary>
    /// <exception cref="InvalidCastException">It holds values of another type.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Sequence<T> Cast<T>() => new((T[]?)_block, _start, _length);
}
