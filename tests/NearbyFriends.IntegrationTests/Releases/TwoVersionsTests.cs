using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Releases;

/// <summary>A gateway beside one of the next version, as during a release.</summary>
public sealed class TwoVersionsTests(Servers servers)
{
    private const double Latitude = 48.1372, Longitude = 11.5756;

    [Fact]
    public async Task A_gateway_takes_what_it_knows_of_frames_and_journal_of_the_next_version_and_ignores_the_rest()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Friends:ReadChangesEvery", "00:00:00.2"), ("Gateway:Flush", "00:00:00"));
        var (a, b) = await system.NewFriendsAsync();
        await using var watcher = await a.ConnectAsync();
        await watcher.LocateAsync(Latitude, Longitude);
        await watcher.ExpectAsync("nearby");

        // Over pub/sub: a frame of another format; then one with an unknown entry between known ones and more behind them.
        await using var next = await LateGateway.StartAsync(system);
        var newer = new FrameEntry((FrameEntryKind)200, b.Number, Frame.MaxVersion, Other: a.Number, Flag: true, Detail: long.MaxValue);
        var place = Location.FromDegrees(Latitude, Longitude, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        var frame = LateGateway.FrameOf(newer, FrameEntry.Moved(b.Number, 1, place, 0), newer);
        await next.PublishAsync(b.Number, [.. frame[..2], 2, .. frame[3..]]);
        await next.PublishAsync(b.Number, [.. frame, .. "more"u8]);
        await watcher.ExpectMovedAsync(b, entry => entry.GetProperty("time").GetInt64() == place.Time);

        // In the journal: a change of an unknown kind, and one that every version knows.
        await system.ExecuteAsync(
            """
            insert into changes (user_id, kind, version, other_id, detail) values ($1, 200, 2, $2, 9223372036854775807), ($1, 2, 2, 0, 0)
            """,
            b.Number, a.Number);
        Assert.Equal("gone", await watcher.ExpectLeftAsync(b));
    }
}
