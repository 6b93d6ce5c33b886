using System.Diagnostics.Metrics;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.UnitTests.Sessions;

namespace NearbyFriends.UnitTests.Watching;

/// <summary>Frames of the next version, which run beside this one during a release.</summary>
public sealed class NewerFrameTests : IDisposable
{
    private const int Watcher = 1, Bo = 2, Cy = 3;
    private const FrameEntryKind Newer = (FrameEntryKind)200;

    private readonly LoneGateway _gateway = new();
    private readonly RecordingClient _client = new();
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _counted = [];

    public NewerFrameTests()
    {
        var thread = Environment.CurrentManagedThreadId; // other tests count at the same time
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "NearbyFriends.Fanout")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            if (Environment.CurrentManagedThreadId == thread)
            {
                _counted[instrument.Name] = _counted.GetValueOrDefault(instrument.Name) + value;
            }
        });
        _listener.Start();
        var session = _gateway.Open(Watcher, [Bo, Cy], _client);
        _gateway.Move(Watcher, 10, 20);
        session.OpenList(null);
        _gateway.Index.Find(Bo)!.DisplayName = "Bo";
        _gateway.Index.Find(Cy)!.DisplayName = "Cy";
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void Entries_of_newer_kinds_are_counted_and_all_others_of_the_frame_are_taken()
    {
        _gateway.Frames.Receive(FrameOf(
            NewerAbout(Bo), At(Bo), NewerAbout(Cy), new(FrameEntryKind.FriendRemoved, Cy, 4, Other: Watcher), NewerAbout(99), At(Cy)));

        Assert.Equal(["2", "3"], Moved());
        Assert.Equal(ChangeKind.RemovedByFriend, Assert.Single(_gateway.Changes).Kind);
        Assert.Equal(2, _counted["nearbyfriends.fanout.entries.unknown"]); // nobody here watches 99
        Assert.DoesNotContain("nearbyfriends.fanout.entries.refused", _counted.Keys);
    }

    [Fact]
    public void What_a_newer_version_appends_to_a_frame_is_ignored()
    {
        _gateway.Frames.Receive([.. FrameOf(At(Bo)), .. "anything"u8]);

        Assert.Equal(["2"], Moved());
        Assert.Empty(_counted);
    }

    [Fact]
    public void A_frame_of_a_newer_format_is_counted_and_the_next_one_taken()
    {
        var newer = FrameOf(At(Cy));
        newer[2] = 2;
        _gateway.Frames.Receive(newer);
        _gateway.Frames.Receive(FrameOf(At(Bo)));

        Assert.Equal(["2"], Moved());
        Assert.Equal(1, _counted["nearbyfriends.fanout.frames.malformed"]);
    }

    private static FrameEntry NewerAbout(long userId) =>
        new(Newer, userId, Frame.MaxVersion, Other: -1, Flag: true, ReceivedAt: 1, Detail: long.MaxValue);

    private FrameEntry At(long userId) => FrameEntry.Moved(userId, 1, Location.FromDegrees(10, 20, _gateway.Now), 0);

    private byte[] FrameOf(params ReadOnlySpan<FrameEntry> entries)
    {
        var frame = new FrameBuilder();
        foreach (var entry in entries)
        {
            Assert.True(frame.TryAdd(entry, default));
        }

        return frame.Take(_gateway.Now * 1_000);
    }

    private IEnumerable<string?> Moved()
    {
        _gateway.Advance(TimeSpan.FromSeconds(2));
        return _client.Received
            .SelectMany(message => message.TryGetProperty("moved", out var moved) ? moved.EnumerateArray() : default)
            .Select(friend => friend.GetProperty("id").GetString()).Order(StringComparer.Ordinal);
    }
}
