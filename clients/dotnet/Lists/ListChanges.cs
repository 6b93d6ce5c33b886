using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace NearbyFriends.Client.Lists;

/// <summary>
/// One reader of the list's changes. Bounded: a reader that falls behind by <see cref="Capacity"/> changes finds one
/// <see cref="ListChangeKind.Replaced"/> in their place and reads the list anew.
/// </summary>
internal sealed class ListChanges
{
    private const int Capacity = 1_000;

    private readonly Channel<ListChange> _changes = Channel.CreateUnbounded<ListChange>(new() { SingleWriter = true });

    /// <summary>Called by one writer at a time.</summary>
    public void Write(in ListChange change)
    {
        if (_changes.Reader.Count < Capacity)
        {
            _changes.Writer.TryWrite(change);
            return;
        }

        while (_changes.Reader.TryRead(out _))
        {
        }

        _changes.Writer.TryWrite(new(ListChangeKind.Replaced));
    }

    public void Complete() => _changes.Writer.TryComplete();

    public async IAsyncEnumerable<ListChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await _changes.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_changes.Reader.TryRead(out var change))
            {
                yield return change;
            }
        }
    }
}
