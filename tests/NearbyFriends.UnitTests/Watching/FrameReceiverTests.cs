using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.UnitTests.Sessions;

namespace NearbyFriends.UnitTests.Watching;

/// <summary>Frames as they may come from a gateway of another version, or from one that is broken.</summary>
public sealed class FrameReceiverTests
{
    private const int HeaderBytes = 16;
    private const int EntryBytes = 32;

    [Fact]
    public void Whatever_a_frame_holds_no_exception_comes_of_it_and_the_next_is_delivered()
    {
        var gateway = new LoneGateway();
        var client = new RecordingClient();
        var session = gateway.Open(1, [2, 3], client);
        gateway.Move(1, 10, 20);
        session.OpenList(null);
        gateway.Index.Find(2)!.DisplayName = "Bo";
        var random = new Random(29);
        for (var i = 0; i < 20_000; i++)
        {
            gateway.Frames.Receive(Noise(random, user: random.Next(2, 4)));
        }

        var frame = new FrameBuilder();
        frame.TryAdd(FrameEntry.Moved(2, Frame.MaxVersion, Location.FromDegrees(10, 20, gateway.Now), 0), default);
        gateway.Frames.Receive(frame.Take(gateway.Now * 1_000));
        gateway.Advance(TimeSpan.FromSeconds(2));

        Assert.Contains(
            client.Received,
            message => message.TryGetProperty("moved", out var moved) && moved.EnumerateArray().Any(friend => friend.GetProperty("id").GetString() == "2"));
    }

    /// <summary>A frame whose header says what follows, mostly, and whose entries are of watched users and random else.</summary>
    private static byte[] Noise(Random random, long user)
    {
        var entries = random.Next(0, 80);
        var frame = new byte[HeaderBytes + (entries * EntryBytes)];
        random.NextBytes(frame);
        frame[0] = (byte)'N';
        frame[1] = (byte)'F';
        frame[2] = 1;
        frame[3] = (byte)entries;
        frame[4] = 0;
        for (var at = HeaderBytes; at < frame.Length; at += EntryBytes)
        {
            frame[at] = (byte)random.Next(0, 9);
            BitConverter.TryWriteBytes(frame.AsSpan(at + 8), user);
            BitConverter.TryWriteBytes(frame.AsSpan(at + 4), random.Next(0, 3)); // a version that leaves room for the last
        }

        return frame;
    }
}
