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

    public LocationCheckTests() => _check = new(new OutlierFilter(Options.Create(new PresenceOptions())), _clock);

    [Fact]
    public void A_device_without_a_fix_is_told_so_and_it_is_no_offence()
    {
        ClientPoint[] points = [new(Latitude, Longitude, Now, -1), new(0, 0, Now, 10), new(-0.0, 0, Now, float.NaN)];

        foreach (var point in points)
        {
            var (accepted, rejection) = Check(point);
            Assert.Empty(accepted);
            Assert.Equal(ErrorCodes.NoFix, rejection?.Code);
        }

        Assert.False(ErrorCodes.IsOffence(ErrorCodes.NoFix));
    }

    [Fact]
    public void A_clock_that_is_ahead_is_told_by_how_much()
    {
        var (accepted, rejection) = Check(new ClientPoint(Latitude, Longitude, Now + 3_600_000, float.NaN));

        Assert.Empty(accepted);
        Assert.Equal(ErrorCodes.ClockSkew, rejection?.Code);
        Assert.Contains("3600 s ahead", rejection?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_points_of_one_millisecond_the_first_counts()
    {
        var (accepted, _) = Check(new(1, 2, Now - 5, float.NaN), new(3, 4, Now - 5, float.NaN), new(1, 2, Now - 6, float.NaN));

        Assert.Equal([(Now - 6, 1), (Now - 5, 1)], accepted.Select(update => (update.Location.Time, update.Location.Latitude)));
    }

    [Fact]
    public void A_single_point_far_away_is_held_back_and_goes_to_the_history_with_the_next()
    {
        Assert.Equal([0], KilometresOf(At(0)));
        Assert.Empty(KilometresOf(At(33)));

        Assert.Equal([33, 0.1], KilometresOf(At(0.1)));

        Assert.Equal([0.2], KilometresOf(At(0.2)));
    }

    [Fact]
    public void Who_really_is_there_is_seen_with_the_next_point()
    {
        Assert.Equal([0], KilometresOf(At(0)));
        Assert.Empty(KilometresOf(At(33)));

        Assert.Equal([33, 33.1], KilometresOf(At(33.1)));
    }

    [Fact]
    public void Who_moves_on_at_that_speed_is_seen_every_other_time()
    {
        Assert.Equal([0], KilometresOf(At(0)));
        Assert.Empty(KilometresOf(At(20)));
        Assert.Equal([20, 40], KilometresOf(At(40)));
        Assert.Empty(KilometresOf(At(60)));
        Assert.Equal([60, 80], KilometresOf(At(80)));
    }

    [Fact]
    public void An_airliner_and_two_points_of_one_moment_are_possible()
    {
        Assert.Equal([0], KilometresOf(At(0)));
        Assert.Equal([8.9], KilometresOf(At(8.9))); // in 30 s

        Assert.Equal([9.1], KilometresOf(At(9.1, after: TimeSpan.FromMilliseconds(1))));
    }

    [Fact]
    public void Points_gathered_offline_are_judged_one_by_the_other()
    {
        Assert.Equal([0, 33, 0.1], KilometresOf(At(0), At(33), At(0.1)));
        Assert.Equal([0.2], KilometresOf(At(0.2), At(34)));
    }

    [Fact]
    public void What_was_held_back_before_its_user_hid_is_gone()
    {
        KilometresOf(At(0));
        Assert.Empty(KilometresOf(At(33)));

        var (accepted, _) = _check.Check(new Sender(1, SharingVersion: 3, SharingSince: 0, Current: null), [At(1)]);

        Assert.Equal(3, Assert.Single(accepted).SharingVersion);
    }

    private long Now => _clock.UnixMilliseconds();

    /// <summary>A point so many kilometres to the north, 30 s after the one before, or another time.</summary>
    private ClientPoint At(double kilometres, TimeSpan? after = null)
    {
        _clock.Advance(after ?? TimeSpan.FromSeconds(30));
        return new(Latitude + (kilometres * Kilometre), Longitude, Now, float.NaN);
    }

    private double[] KilometresOf(params ClientPoint[] points)
    {
        var (accepted, rejection) = Check(points);
        Assert.Null(rejection);
        return [.. accepted.Select(update => Math.Round((update.Location.Latitude - Latitude) / Kilometre, 3))];
    }

    /// <summary>Checks points; the newest that passes is where the user is then.</summary>
    private (IReadOnlyList<LocationUpdate> Accepted, Rejection? Rejection) Check(params ClientPoint[] points)
    {
        var result = _check.Check(new Sender(1, SharingVersion: 1, SharingSince: 0, _current), points);
        _current = result.Accepted.Count > 0 ? result.Accepted[^1].Location : _current;
        return result;
    }
}
