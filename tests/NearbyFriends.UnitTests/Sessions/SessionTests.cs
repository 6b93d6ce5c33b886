using System.Text.Json;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;

namespace NearbyFriends.UnitTests.Sessions;

public sealed class SessionTests
{
    private static readonly (double Latitude, double Longitude)[] Places = [(37.77, -122.42), (-33.87, 151.21)];

    /// <summary>
    /// A friend is tested without the session's lock while the watcher moves: whoever comes last must see the other, or a
    /// friend would stay on the map, or off it, until the next move.
    /// </summary>
    [Fact]
    public async Task Two_who_move_at_once_end_up_seeing_each_other_exactly_when_they_are_near()
    {
        var cancelled = TestContext.Current.CancellationToken;
        var believed = false;
        var gateway = new LoneGateway();
        var session = gateway.Open(1, [2], message => believed = Told(message, believed));
        var friend = gateway.Index.Find(2)!;
        friend.DisplayName = "Bo"; // or flushes would wait for it
        var start = TimeProvider.System.UnixMilliseconds() - 60_000;
        session.Own.TryMove(1, At(0, start), 0);
        session.OpenList(null);
        using var together = new Barrier(2);
        for (var round = 1; round <= 5_000; round++)
        {
            var (time, own, theirs) = (start + round, round / 3 % 2, round / 5 % 2);
            var ownMove = Task.Run(() =>
            {
                together.SignalAndWait();
                session.Own.TryMove(1, At(own, time), 0);
                session.OwnMoved();
            }, cancelled);
            var friendMove = Task.Run(() =>
            {
                together.SignalAndWait();
                friend.TryMove(1, At(theirs, time), 0);
                session.FriendMoved(0, friend, At(theirs, time));
            }, cancelled);
            await Task.WhenAll(ownMove, friendMove);
            session.FlushDue();

            Assert.Equal(own == theirs, believed);
        }
    }

    private static Location At(int place, long time) => Location.FromDegrees(Places[place].Latitude, Places[place].Longitude, time);

    private static bool Told(string text, bool before)
    {
        var message = JsonElement.Parse(text);
        return message.TryGetProperty("total", out var total) ? total.GetInt32() > 0 : before;
    }
}
