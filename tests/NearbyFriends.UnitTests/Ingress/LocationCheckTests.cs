using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Ingress;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.LocationCache;

namespace NearbyFriends.UnitTests.Ingress;

/// <summary>Which points of a client are taken.</summary>
public sealed class LocationCheckTests
{
    private const double Latitude = 37.77;
    private const double Longitude = -122.42;
    private const double Kilometre = 1 / 111.195; // degrees of latitude

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeMilliseconds(1_764_000_000_000));
    private readonly LocationCheck _check;
    private Location? _current;
    private long _time = 1_764_000_000_000 - 3_600_000;

    public LocationCheckTests() => _check = new(new OutlierFilter(Options.Create(new PresenceOptions())), _clock);

    [Fact]
    public void A_device_without_a_fix_is_told_so_and_it_is_no_offence()
    {
        ClientPoint[] points = [new(Latitude, Longitude, Now, -1), new(0, 0, Now, 10), new(-0.0, 0, Now, float.NaN)];

        foreach (var point in points)
        {
            var (accepted, _, rejection) = Check(point);
            Assert.Empty(accepted);
            Assert.Equal(ErrorCodes.NoFix, rejection?.Code);
        }

        Assert.False(ErrorCodes.IsOffence(ErrorCodes.NoFix));
    }

    [Fact]
    public void A_clock_that_is_ahead_is_told_by_how_much()
    {
        var (accepted, _, rejection) = Check(new ClientPoint(Latitude, Longitude, Now + 3_600_000, float.NaN));

        Assert.Empty(accepted);
        Assert.Equal(ErrorCodes.ClockSkew, rejection?.Code);
        Assert.Contains("3600 s ahead", rejection?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_points_of_one_millisecond_the_first_counts()
    {
        var (accepted, _, _) = Check(new(1, 2, Now - 5, float.NaN), new(3, 4, Now - 5, float.NaN), new(1, 2, Now - 6, float.NaN));

        Assert.Equal([(Now - 6, 1), (Now - 5, 1)], accepted.Select(update => (update.Location.Time, update.Location.Latitude)));
    }

    [Fact]
    public void A_single_point_far_away_is_not_shown() => Assert.Equal([0, 0, 0.1, 0.2], Shown(At(0), At(33), At(0.1), At(0.2)));

    [Fact]
    public void Who_really_is_there_is_shown_with_the_next_point() => Assert.Equal([0, 0, 33.1], Shown(At(0), At(33), At(33.1)));

    [Fact]
    public void Who_moves_on_at_that_speed_is_shown_every_other_time() =>
        Assert.Equal([0, 0, 40, 40, 80], Shown(At(0), At(20), At(40), At(60), At(80)));

    [Fact]
    public void An_airliner_and_two_points_of_one_moment_are_possible() =>
        Assert.Equal([0, 8.9, 9.1], Shown(At(0), At(8.9), At(9.1, after: TimeSpan.FromMilliseconds(1))));

    [Fact]
    public void Points_gathered_offline_are_judged_one_by_the_other_and_all_are_taken()
    {
        Assert.Equal(3, Check(At(0), At(33), At(0.1)).Accepted.Count);
        Assert.Equal(0.1, KilometresOf(_current!.Value));

        Assert.Equal(2, Check(At(0.2), At(34)).Accepted.Count);
        Assert.Equal(0.2, KilometresOf(_current!.Value));
    }

    [Fact]
    public void A_point_older_than_the_current_one_moves_nobody() => Assert.Equal([0, 0], Shown(At(0), At(0.5, after: -TimeSpan.FromSeconds(1))));

    [Fact]
    public void Who_was_inactive_may_be_anywhere()
    {
        Assert.Equal([0], Shown(At(0)));
        _current = null;

        Assert.Equal([900], Shown(At(900)));
    }

    private long Now => _clock.UnixMilliseconds();

    /// <summary>A point so many kilometres to the north, 30 s after the one before, or another time.</summary>
    private ClientPoint At(double kilometres, TimeSpan? after = null)
    {
        _time += (long)(after ?? TimeSpan.FromSeconds(30)).TotalMilliseconds;
        return new(Latitude + (kilometres * Kilometre), Longitude, _time, float.NaN);
    }

    /// <summary>Where the user is after each of these points, in kilometres; they come one by one.</summary>
    private double[] Shown(params ClientPoint[] points) => Array.ConvertAll(points, point =>
    {
        Check(point);
        return KilometresOf(_current!.Value);
    });

    private static double KilometresOf(Location location) => Math.Round((location.Latitude - Latitude) / Kilometre, 3);

    private CheckedPoints Check(params ClientPoint[] points)
    {
        var result = _check.Check(new Sender(1, SharingVersion: 1, SharingSince: 0, _current), points);
        _current = result.Accepted.Count > 0 ? result.Shown : _current;
        return result;
    }
}
