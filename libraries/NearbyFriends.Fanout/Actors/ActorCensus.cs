namespace NearbyFriends.Fanout.Actors;

/// <summary>How many actors of this silo are watched: what a silo that stops must have moved.</summary>
internal sealed class ActorCensus
{
    private int _watched;

    /// <summary>Actors here that a gateway watches.</summary>
    public int Watched => Volatile.Read(ref _watched);

    /// <summary>Takes whether an actor is watched; <paramref name="isCounted"/> is what it said before.</summary>
    public void Count(ref bool isCounted, bool isWatched)
    {
        if (isCounted != isWatched)
        {
            isCounted = isWatched;
            Interlocked.Add(ref _watched, isWatched ? 1 : -1);
        }
    }
}
