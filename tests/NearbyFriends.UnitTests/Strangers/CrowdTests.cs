using System.Text.Json;

namespace NearbyFriends.UnitTests.Strangers;

/// <summary>What a session is told where there are more people than it shows.</summary>
public sealed class CrowdTests
{
    private const int Crowd = 20_000;
    private const int Shown = 50;
    private const int MostBytes = 8_000;
    private const double Kilometre = 1 / 111.195;

    private readonly LoneCity _city = new();

    [Fact]
    public void A_crowd_sends_a_session_no_more_than_fifty_people_however_often_all_of_them_move()
    {
        var viewer = _city.Look(1, LoneCity.Latitude, LoneCity.Longitude);
        for (var round = 0; round < 3; round++)
        {
            _city.Move(Enumerable.Range(2, Crowd).Select(id => (long)id), LoneCity.Latitude + (round * Kilometre / 2), LoneCity.Longitude);

            var message = viewer.LookAgain()!.Value;

            Assert.Equal(Shown, message.GetProperty("people").GetArrayLength());
            Assert.Equal(Crowd, message.GetProperty("total").GetInt32());
            Assert.InRange(viewer.Received[^1].Length, 1, MostBytes);
        }

        Assert.Null(viewer.LookAgain());
    }

    [Fact]
    public void Who_is_shown_of_a_crowd_stays_shown_while_others_come_and_go()
    {
        var viewer = _city.Look(1, LoneCity.Latitude, LoneCity.Longitude);
        _city.Move(Enumerable.Range(2, 1_000).Select(id => (long)id), LoneCity.Latitude, LoneCity.Longitude);
        viewer.LookAgain();

        _city.Move(Enumerable.Range(2_000, 500).Select(id => (long)id), LoneCity.Latitude, LoneCity.Longitude);

        var message = viewer.LookAgain()!.Value;
        Assert.Equal((0, 0, 1_500), (message.GetProperty("people").GetArrayLength(), message.GetProperty("left").GetArrayLength(), message.GetProperty("total").GetInt32()));
    }

    [Fact]
    public void Two_viewers_of_a_crowd_are_shown_different_people_of_it()
    {
        var (first, second) = (_city.Look(1, LoneCity.Latitude, LoneCity.Longitude), _city.Look(2, LoneCity.Latitude, LoneCity.Longitude));
        _city.Move(Enumerable.Range(10, Crowd).Select(id => (long)id), LoneCity.Latitude, LoneCity.Longitude);

        Assert.Empty(Names(first.LookAgain()!.Value).Intersect(Names(second.LookAgain()!.Value)));
    }

    [Fact]
    public void The_nearest_are_shown_and_neither_friends_nor_blocks_nor_the_viewer_are_shown_or_counted()
    {
        var viewer = _city.Look(1, LoneCity.Latitude, LoneCity.Longitude, 5_000, 2, 3);
        _city.Move([1, 2, 3, 4], LoneCity.Latitude, LoneCity.Longitude);
        _city.Move(Enumerable.Range(100, 49).Select(id => (long)id), LoneCity.Latitude + Kilometre, LoneCity.Longitude);
        _city.Move(Enumerable.Range(200, 49).Select(id => (long)id), LoneCity.Latitude + (2 * Kilometre), LoneCity.Longitude);

        var message = viewer.LookAgain()!.Value;

        Assert.Equal(99, message.GetProperty("total").GetInt32());
        Assert.Equal(
            Enumerable.Range(100, 49).Prepend(4).Select(id => $"User {id}").Order(StringComparer.Ordinal), Names(message).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Names(JsonElement message) =>
        message.GetProperty("people").EnumerateArray().Select(person => person.GetProperty("name").GetString()!);
}
