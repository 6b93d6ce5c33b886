using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Strangers;

namespace NearbyFriends.UnitTests.Strangers;

/// <summary>
/// Somebody who wants to know where a stranger is asks from many places, near and far, with circles of all sizes, and compares
/// distances and who is inside.
/// </summary>
public sealed class TrilaterationTests
{
    private const long Attacker = 1;
    private const long Victim = 2;
    private const int Queries = 300;

    [Fact]
    public void From_any_number_of_places_a_stranger_is_found_no_better_than_the_square()
    {
        var random = new Random(1);
        var grid = new SquareGrid(new StrangerOptions().GridMetres);
        for (var round = 0; round < 5; round++)
        {
            var home = Near(random, degrees: 0.02);
            var square = grid.Snap(home);
            Location other;
            do
            {
                other = Near(random, 0.02);
            }
            while (grid.Snap(other) != square || GreatCircle.DistanceMetres(home.Position, other.Position) < 100);

            // Whatever the attacker learns while the stranger is at one place, it would have learned at the other too.
            var seed = random.Next();
            Assert.Equal(Ask(home, seed), Ask(other, seed));
        }
    }

    [Fact]
    public void What_is_told_fits_the_centre_of_the_square_alone()
    {
        var home = Location.FromDegrees(LoneCity.Latitude, LoneCity.Longitude, 0);
        var centre = new SquareGrid(new StrangerOptions().GridMetres).Snap(home);
        var city = new LoneCity();
        var attacker = city.Look(Attacker, LoneCity.Latitude, LoneCity.Longitude);

        city.Move([Victim], home.Latitude, home.Longitude);

        var told = attacker.LookAgain()!.Value.GetProperty("people")[0];
        Assert.Equal(centre.Latitude, told.GetProperty("lat").GetDouble());
        Assert.Equal(centre.Longitude, told.GetProperty("lon").GetDouble());
        Assert.Equal(GreatCircle.DistanceMetres(home.Position, centre.Position), told.GetProperty("distance").GetDouble(), 0.1);
    }

    private static List<string> Ask(in Location victim, int seed)
    {
        var random = new Random(seed);
        var city = new LoneCity();
        var attacker = city.Look(Attacker, LoneCity.Latitude, LoneCity.Longitude);
        city.Move([Victim], victim.Latitude, victim.Longitude);
        for (var query = 0; query < Queries; query++)
        {
            var place = Near(random, degrees: 0.05);
            attacker.MoveTo(place.Latitude, place.Longitude);
            attacker.Strangers!.Show(random.Next(100, 5_001), [], null);
        }

        Assert.Contains(attacker.Received, message => message.Contains("User 2", StringComparison.Ordinal));
        return attacker.Received;
    }

    private static Location Near(Random random, double degrees) => Location.FromDegrees(
        LoneCity.Latitude + ((random.NextDouble() - 0.5) * degrees), LoneCity.Longitude + ((random.NextDouble() - 0.5) * degrees), 0);
}
