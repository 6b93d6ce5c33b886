namespace NearbyFriends.Simulator.Walking;

/// <summary>A phone's battery: it lasts for a while, is empty for a while, and so on.</summary>
/// <param name="random">Decides how long.</param>
/// <param name="lasts">How long it lasts once charged, at least and at most.</param>
/// <param name="empty">How long it stays empty, at least and at most.</param>
internal sealed class Battery(Random random, (TimeSpan Least, TimeSpan Most) lasts, (TimeSpan Least, TimeSpan Most) empty)
{
    private TimeSpan _left = lasts.Most * random.NextDouble();

    public bool IsEmpty { get; private set; }

    /// <summary>Empty for so much longer.</summary>
    public void EmptyFor(TimeSpan left) => (IsEmpty, _left) = (true, left);

    /// <summary>Good for so much longer.</summary>
    public void LastFor(TimeSpan left) => (IsEmpty, _left) = (false, left);

    public void Advance(TimeSpan time)
    {
        _left -= time;
        if (_left <= TimeSpan.Zero)
        {
            IsEmpty = !IsEmpty;
            var (least, most) = IsEmpty ? empty : lasts;
            _left = least + ((most - least) * random.NextDouble());
        }
    }
}
