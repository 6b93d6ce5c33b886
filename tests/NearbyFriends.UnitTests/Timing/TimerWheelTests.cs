using NearbyFriends.Gateway.Timing;

namespace NearbyFriends.UnitTests.Timing;

public sealed class TimerWheelTests
{
    [Fact]
    public void Everything_comes_once_and_never_early()
    {
        var random = new Random(3);
        var wheel = new TimerWheel<(int Id, long DueAt)>(tickMilliseconds: 10, slotCount: 64, now: 1000);
        var seen = new HashSet<int>();
        var added = 0;
        for (var now = 1000L; now < 20_000; now += random.Next(1, 30))
        {
            for (var i = 0; i < 3; i++)
            {
                var dueAt = now + random.Next(0, 500);
                wheel.Add((added++, dueAt), dueAt);
            }

            wheel.Advance(now, item =>
            {
                Assert.True(item.DueAt <= now, "early");
                Assert.True(seen.Add(item.Id), "twice");
            });
        }

        wheel.Advance(21_000, item => seen.Add(item.Id));
        Assert.Equal(added, seen.Count);
    }

    [Fact]
    public void What_is_due_later_than_the_wheel_reaches_comes_around_early()
    {
        var wheel = new TimerWheel<string>(tickMilliseconds: 10, slotCount: 8, now: 0);
        var due = new List<string>();
        wheel.Add("far", 10_000);

        wheel.Advance(80, due.Add);

        Assert.Equal(["far"], due);
    }

    [Fact]
    public void A_clock_that_jumps_makes_everything_due_once()
    {
        var wheel = new TimerWheel<int>(tickMilliseconds: 10, slotCount: 8, now: 0);
        var due = new List<int>();
        for (var i = 1; i <= 7; i++)
        {
            wheel.Add(i, i * 10);
        }

        wheel.Advance(1_000_000, due.Add);

        Assert.Equal([1, 2, 3, 4, 5, 6, 7], due.Order());
    }
}
