namespace NearbyFriends.Simulator.Replaying;

/// <summary>How to replay.</summary>
/// <param name="Speed">So many times faster than it happened.</param>
/// <param name="Flush">What every client asks the gateway for (<c>pace</c>): 0.5 to 30 s.</param>
/// <param name="Slack">Beside the flush, what a message may take from client to client.</param>
/// <param name="Verify">Whether to compare what everybody saw with what it ought to have been.</param>
public sealed record ReplayOptions(double Speed, TimeSpan Flush, TimeSpan Slack, bool Verify)
{
    public static ReplayOptions Default { get; } = new(60, TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(250), Verify: false);

    /// <summary>Within this time an update is applied everywhere and flushed.</summary>
    public TimeSpan Settle => Flush + Slack;
}
