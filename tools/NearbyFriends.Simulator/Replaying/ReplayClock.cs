namespace NearbyFriends.Simulator.Replaying;

/// <summary>When a recorded moment is replayed: at start + (t - t0) / speed.</summary>
/// <param name="RecordingStart">t0, Unix seconds.</param>
/// <param name="Start">Unix milliseconds, now or soon.</param>
/// <param name="Speed">1 replays as slowly as it happened.</param>
public readonly record struct ReplayClock(long RecordingStart, long Start, double Speed)
{
    /// <summary>Unix milliseconds at which this second of the recording is replayed.</summary>
    public long Of(long second) => Start + (long)Math.Round((second - RecordingStart) * 1000 / Speed);
}
