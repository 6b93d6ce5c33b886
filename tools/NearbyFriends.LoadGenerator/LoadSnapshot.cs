using NearbyFriends.Tools;

namespace NearbyFriends.LoadGenerator;

/// <summary>What a load did and saw within some time.</summary>
/// <param name="Connected">Connections open at its end.</param>
/// <param name="Sent">Updates sent.</param>
/// <param name="Late">Updates left out because the one before was still on its way.</param>
/// <param name="Received">Friends' updates received.</param>
/// <param name="Messages">Messages received.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Ended">Connections that the server ended.</param>
/// <param name="Latency">From a client's send to its friend's receipt: buckets of a <see cref="LatencyHistogram"/>.</param>
/// <param name="Connects">From a client's dialing to its first list: likewise.</param>
/// <param name="Trouble">The last thing that went wrong.</param>
public sealed record LoadSnapshot(
    int Connected, long Sent, long Late, long Received, long Messages, long Bytes, long Ended, long[] Latency, long[] Connects, string? Trouble)
{
    public static LoadSnapshot Nothing { get; } = new(0, 0, 0, 0, 0, 0, 0, [], [], null);

    /// <summary>Milliseconds from send to receipt below which this share (0 to 1) lies; whole milliseconds are counted.</summary>
    public double? LatencyMilliseconds(double share) => LatencyHistogram.Of(Latency).Percentile(share);

    /// <summary>Milliseconds from dialing to the first list below which this share (0 to 1) lies.</summary>
    public double? ConnectMilliseconds(double share) => LatencyHistogram.Of(Connects).Percentile(share);

    /// <summary>Both at the same time, in two processes.</summary>
    public LoadSnapshot Beside(LoadSnapshot other) => new(
        Connected + other.Connected, Sent + other.Sent, Late + other.Late, Received + other.Received, Messages + other.Messages,
        Bytes + other.Bytes, Ended + other.Ended, Sum(Latency, other.Latency), Sum(Connects, other.Connects), Trouble ?? other.Trouble);

    private static long[] Sum(long[] a, long[] b) => a.Length == 0 ? b : b.Length == 0 ? a : [.. a.Zip(b, (x, y) => x + y)];
}
