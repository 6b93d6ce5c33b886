using System.Diagnostics;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Frames;

namespace NearbyFriends.UnitTests.Fanout;

public sealed class FrameTests
{
    private const long SentAt = 1_764_000_000_000_000;

    [Fact]
    public void Every_entry_comes_out_as_it_went_in()
    {
        FrameEntry[] entries =
        [
            FrameEntry.Moved(long.MaxValue, 7, Location.FromDegrees(-89.9999999, 179.9999999, 1_764_000_000_123), SentAt - 4_200, Accuracy.FromMetres(12)),
            FrameEntry.Moved(1, uint.MaxValue, Location.FromDegrees(0, 0, 0), 0),
            new(FrameEntryKind.FriendRemoved, 5, 6, Other: 7, Flag: true),
            new(FrameEntryKind.Visibility, 8, 9, Other: 7, Detail: long.MaxValue),
            Deleted(10),
        ];

        Assert.Equal(entries, Read(Build(entries)).ConvertAll(e => e.Entry));
    }

    [Fact]
    public void A_change_of_every_kind_is_announced_and_understood()
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(1_764_000_000_123);
        foreach (var kind in Enum.GetValues<ChangeKind>())
        {
            var entry = Assert.Single(Read(Build(FrameEntry.Of(new(UserId: 2, kind, Version: 3, OtherId: 4, at, Detail: 5))))).Entry;

            var understood = entry.ToChange();

            Assert.Equal((2, kind, 3), (understood?.UserId, understood?.Kind, understood?.Version));
            if (kind is ChangeKind.SharingStarted or ChangeKind.SharingEndChanged or ChangeKind.ShowsChanged or ChangeKind.SeesChanged)
            {
                Assert.Equal(5, understood?.Detail);
            }

            if (kind is ChangeKind.FriendAdded or ChangeKind.FriendRemoved or ChangeKind.RemovedByFriend or ChangeKind.ShowsChanged or ChangeKind.SeesChanged
                or ChangeKind.RequestReceived or ChangeKind.RequestSent or ChangeKind.ReceivedRequestClosed or ChangeKind.SentRequestClosed)
            {
                Assert.Equal(4, understood?.OtherId);
            }

            if (kind == ChangeKind.SharingStarted)
            {
                Assert.Equal(at, understood?.ChangedAt);
            }
        }
    }

    [Fact]
    public void An_alert_travels_with_its_time_and_its_distance_to_a_tenth_of_a_metre()
    {
        var alert = new Alert(UserId: 2, FriendId: long.MaxValue, DistanceMetres: 16_093.4, Time: 1_764_000_000_123);

        var entry = Assert.Single(Read(Build(FrameEntry.Alerted(alert)))).Entry;

        Assert.Equal(alert, entry.ToAlert());
        Assert.Null(entry.ToChange());
    }

    [Fact]
    public void A_kind_of_a_newer_version_is_no_change() => Assert.Null(new FrameEntry((FrameEntryKind)200, 1, 1).ToChange());

    [Fact]
    public void A_sampled_trace_travels_with_its_entry_and_an_unsampled_one_stays()
    {
        var sampled = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        var unsampled = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.None);
        var builder = new FrameBuilder();
        builder.TryAdd(Deleted(1), unsampled);
        builder.TryAdd(Deleted(2), sampled);
        builder.TryAdd(Deleted(3), default);

        var read = Read(builder.Take(SentAt));

        Assert.Equal([default, sampled.TraceId, default], read.Select(e => e.Trace.TraceId));
        Assert.Equal(sampled.SpanId, read[1].Trace.SpanId);
        Assert.True(read[1].Trace.IsRemote);
    }

    [Fact]
    public void A_builder_is_full_at_64_entries_and_empty_when_taken()
    {
        var builder = new FrameBuilder();
        while (!builder.IsFull)
        {
            builder.TryAdd(Deleted(builder.Count), default);
        }

        Assert.Equal(64, Read(builder.Take(SentAt)).Count);
        Assert.Equal(0, builder.Count);
    }

    [Fact]
    public void An_entry_that_waited_for_long_is_not_measured_as_fresh()
    {
        var old = Assert.Single(Read(Build(FrameEntry.Moved(1, 1, default, SentAt - 60_000_000))));

        Assert.True(old.Entry.ReceivedAt <= SentAt - 6_000_000);
    }

    [Fact]
    public void Bytes_that_are_no_frame_are_refused()
    {
        var frame = Build(Deleted(1));
        var random = new Random(17);
        for (var length = 0; length < frame.Length; length++)
        {
            Assert.False(FrameReader.TryOpen(frame.AsSpan(0, length), out _));
        }

        for (var i = 0; i < 1000; i++)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            Assert.False(FrameReader.TryOpen(noise, out _));
        }
    }

    [Fact]
    public void A_frame_of_more_entries_than_a_frame_holds_is_refused()
    {
        var frame = new byte[16 + (65 * 32)];
        Build(Deleted(1)).AsSpan(0, 16).CopyTo(frame);
        frame[3] = 65;

        Assert.False(FrameReader.TryOpen(frame, out _));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1L + uint.MaxValue)]
    public void A_version_that_does_not_fit_is_refused_and_the_others_leave(long version)
    {
        var builder = new FrameBuilder();

        Assert.False(builder.TryAdd(new(FrameEntryKind.Sharing, 1, version), default));
        Assert.True(builder.TryAdd(Deleted(2), default));

        Assert.Equal(2, Assert.Single(Read(builder.Take(SentAt))).Entry.UserId);
    }

    private static FrameEntry Deleted(long userId) => new(FrameEntryKind.UserDeleted, userId, 1);

    private static byte[] Build(params ReadOnlySpan<FrameEntry> entries)
    {
        var builder = new FrameBuilder();
        foreach (var entry in entries)
        {
            builder.TryAdd(entry, default);
        }

        return builder.Take(SentAt);
    }

    private static List<(FrameEntry Entry, ActivityContext Trace)> Read(byte[] frame)
    {
        Assert.True(FrameReader.TryOpen(frame, out var reader));
        var read = new List<(FrameEntry, ActivityContext)>();
        while (reader.TryRead(out var entry, out var trace))
        {
            read.Add((entry, trace));
        }

        return read;
    }
}
