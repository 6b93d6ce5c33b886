namespace NearbyFriends.Benchmarks.Chaos;

/// <summary>A stretch of time, Unix milliseconds; the end is <see cref="long.MaxValue"/> while it lasts.</summary>
internal readonly record struct Span(long Begin, long End)
{
    public bool Has(long at) => at > Begin && at < End;
}

/// <summary>Stretches of time one after the other: when something was down, or not allowed. One writes, others may read meanwhile.</summary>
internal sealed class Spans
{
    private volatile Span[] _all = [];

    /// <summary>All so far, the oldest first.</summary>
    public IReadOnlyList<Span> All => _all;

    /// <summary>Whether one lasts.</summary>
    public bool Lasts => _all is [.., { End: long.MaxValue }];

    public void Begin(long at) => _all = [.. _all, new(at, long.MaxValue)];

    public void End(long at) => _all = [.. _all[..^1], _all[^1] with { End = at }];
}
