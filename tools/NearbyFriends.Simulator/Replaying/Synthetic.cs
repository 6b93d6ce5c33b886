using NearbyFriends.Simulator.Walking;

namespace NearbyFriends.Simulator.Replaying;

/// <summary>
/// A recording made up for where no recorded one is at hand: the same every time, and with everything in it that a list
/// must get right.
/// </summary>
public static class Synthetic
{
    private const long Start = 1_212_649_200;
    private const int Every = 60;

    // On the antimeridian, where longitudes jump from 180 to -180.
    private static readonly Spot Taveuni = new(-16.8, 179.99);

    /// <summary>
    /// Two crowds of walkers and drivers, one on the antimeridian; in each some who stand still throughout, some who
    /// commute out of everybody's radius and back, and some who fall silent for longer than a friend stays active.
    /// </summary>
    /// <param name="people">How many; they are dealt out in turn.</param>
    /// <param name="length">How long it lasts.</param>
    /// <param name="seed">The same seed makes up the same.</param>
    public static Recording Make(int people, TimeSpan length, int seed) => Recording.Of(
        Enumerable.Range(0, people).Select(i => ($"m{i:000}", Points(i, length, new Random((seed * 1_000_003) + i)))), length);

    private static IEnumerable<TracePoint> Points(int number, TimeSpan length, Random random)
    {
        var centre = number % 2 == 0 ? Spot.SanFrancisco : Taveuni;
        var walker = new Wanderer(centre, 9_000, random);
        var (silentFrom, silentTo) = number % 7 == 3 ? (length / 4, (length / 4) + TimeSpan.FromMinutes(13)) : default;
        var second = random.Next(Every * 5);
        while (second < length.TotalSeconds)
        {
            if (second < silentFrom.TotalSeconds || second >= silentTo.TotalSeconds)
            {
                var position = (number % 5) switch
                {
                    0 => centre.Offset((number - 20) * 150, number * 40), // stands still
                    1 => centre.Offset(Commute(second, number), 500), // 12 km out and back
                    _ => walker.Position,
                };
                yield return new(Start + second, position.Latitude, position.Longitude);
            }

            var pause = random.Next(Every / 2, Every * 3 / 2);
            walker.Advance(pause);
            second += pause;
        }
    }

    private static double Commute(int second, int number) => 12_000 * Math.Abs(Math.Sin((second + (number * 100)) * Math.PI / 2_400));
}
