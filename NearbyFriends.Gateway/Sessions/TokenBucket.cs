namespace NearbyFriends.Gateway.Sessions;

/// <summary>Allows a rate on average and a burst after a pause. For one session: not thread-safe.</summary>
/// <param name="perSecond">Average allowed rate; 0 allows everything.</param>
/// <param name="burst">Most that may come at once.</param>
/// <param name="clock">Measures the pause.</param>
public sealed class TokenBucket(double perSecond, int burst, TimeProvider clock)
{
    private double _tokens = burst;
    private long _last = clock.GetTimestamp();

    /// <summary>Takes one, or as many as something costs, if there are so many; what costs more than there ever are takes all.</summary>
    public bool TryTake(double cost = 1)
    {
        if (perSecond == 0)
        {
            return true;
        }

        var now = clock.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + (clock.GetElapsedTime(_last, now).TotalSeconds * perSecond));
        _last = now;
        cost = Math.Min(cost, burst);
        if (_tokens < cost)
        {
            return false;
        }

        _tokens -= cost;
        return true;
    }
}
