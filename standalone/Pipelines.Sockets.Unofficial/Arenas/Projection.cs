namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>Makes a result of a value that stays where it is.</summary>
public delegate TResult Projection<T, out TResult>(in T x);

/// <summary>Makes a result of a value and a state that stay where they are.</summary>
public delegate TResult Projection<T1, T2, out TResult>(in T1 x1, in T2 x2);

/// <summary>Copies sequences out of their arena.</summary>
public static class SequenceExtensions
{
    public static TTo[] ToArray<TFrom, TTo>(this in Sequence<TFrom> source, Projection<TFrom, TTo> projection)
    {
        if (source.IsEmpty)
            return [];

        var results = new TTo[source.Length];
        source.CopyTo(results, projection);
        return results;
    }

    public static TTo[] ToArray<TFrom, TState, TTo>(
        this in Sequence<TFrom> source, Projection<TFrom, TState, TTo> projection, in TState state)
    {
        ArgumentNullException.ThrowIfNull(projection);
        if (source.IsEmpty)
            return [];

        var values = source.FirstSpan;
        var results = new TTo[values.Length];
        for (var i = 0; i < values.Length; i++)
            results[i] = projection(in values[i], in state);

        return results;
    }

    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than <paramref name="source"/>.</exception>
    public static void CopyTo<TFrom, TTo>(this in Sequence<TFrom> source, Span<TTo> destination, Projection<TFrom, TTo> projection)
    {
        ArgumentNullException.ThrowIfNull(projection);
        var values = source.FirstSpan;
        if (values.Length > destination.Length)
            throw new ArgumentException("The destination is too short.", nameof(destination));

        for (var i = 0; i < values.Length; i++)
            destination[i] = projection(in values[i]);
    }
}
