namespace NearbyFriends.Simulator.Walking;

/// <summary>Somebody of the demo: how they move, how their phone lasts, and how they come into it.</summary>
/// <param name="Walker">Where they are.</param>
/// <param name="Battery">Whether their phone works.</param>
/// <param name="SilentFor">How long nothing has been heard of them when it begins; null for those who were just heard.</param>
internal sealed record Townsperson(Walker Walker, Battery Battery, TimeSpan? SilentFor);

/// <summary>
/// The people of the demo. Most have a home and errands somewhere in the city. The first thirty are the visitor's friends, and to
/// them happens, within the first minute, whatever can happen to friends: some live around the square where the visitor
/// stands, some come and go over the edge of the radius, some pass tunnels, some phones have just died or are charged again.
/// </summary>
/// <param name="roads">Where they live.</param>
/// <param name="inactiveAfter">When the system takes a silent friend for inactive.</param>
/// <param name="seed">The same seed makes the same people, who do the same.</param>
internal sealed class Townspeople(RoadGraph roads, TimeSpan inactiveAfter, int seed)
{
    /// <summary>So many of the first people are the visitor's friends.</summary>
    public const int Friends = 30;

    private const double RadiusMetres = 8_047;
    private const double LeftMetres = RadiusMetres * 1.05;
    private const double HomesMetres = 8_500;

    private static readonly (TimeSpan, TimeSpan) UsualCharge = (TimeSpan.FromMinutes(20), TimeSpan.FromHours(2));
    private static readonly (TimeSpan, TimeSpan) PoorCharge = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3));

    private readonly IReadOnlyList<int> _around = roads.Around(Spot.UnionSquare, 1_000, Travel.Foot);
    private readonly IReadOnlyList<int> _city = roads.Around(Spot.UnionSquare, HomesMetres, Travel.Ride);

    public Townsperson Make(int number)
    {
        var random = new Random((seed * 1_000_003) + number);
        var walker = new Walker(roads, HabitsOf(number, random), random);
        var battery = new Battery(random, number is >= 20 and < 24 ? PoorCharge : UsualCharge, (inactiveAfter * 0.5, inactiveAfter * 1.4));
        Stage(number, walker, battery);
        return new(walker, battery, number switch
        {
            20 => inactiveAfter - (inactiveAfter * 0.033), // 20 s of the usual 10 minutes are left
            21 => inactiveAfter - (inactiveAfter * 0.067),
            22 or 23 => inactiveAfter,
            _ => null,
        });
    }

    private Habits HabitsOf(int number, Random random) => number switch
    {
        < 10 or >= 20 and < 24 => new(Pick(_around, random), [.. Enumerable.Range(0, 4).Select(_ => Pick(_around, random))], 5, 60),
        10 or 11 => Shuttle(new(37.7905, -122.4020), new(37.8120, -122.2750)), // over the Bay Bridge
        12 or 13 => Shuttle(new(37.7985, -122.4350), new(37.8560, -122.4810)), // over the Golden Gate
        14 or 15 => Shuttle(new(37.7655, -122.4800), new(37.7645, -122.5080)), // along the park to the beach
        16 or 17 => Shuttle(new(37.7880, -122.4068), new(37.7945, -122.4078)), // through the Stockton Tunnel
        18 => Shuttle(new(37.7980, -122.4000), new(37.7955, -122.4300)), // through the Broadway Tunnel
        19 => Shuttle(new(37.7600, -122.4320), new(37.7385, -122.4680)), // through the Twin Peaks Tunnel
        _ => new(Central(random), [.. Enumerable.Range(0, 5).Select(_ => Central(random))], 20, 400),
    };

    /// <summary>What is to happen to these soon after it begins.</summary>
    private void Stage(int number, Walker walker, Battery battery)
    {
        // From the radius to where a friend counts as gone one rides for up to 50 s.
        var seconds = number % 2 == 0 ? 45 + (3 * (number - 10)) : 10 + (7 * (number - 11));
        var staged = number switch
        {
            10 or 12 or 14 => walker.StartBefore(seconds, (spot, _) => spot.MetresTo(Spot.UnionSquare) > LeftMetres),
            11 or 13 or 15 => walker.StartBefore(seconds, (spot, _) => spot.MetresTo(Spot.UnionSquare) < RadiusMetres),
            >= 16 and < 20 => walker.StartBefore(3 * (number - 15), (_, underground) => underground),
            _ => true,
        };
        if (!staged)
        {
            throw new InvalidOperationException($"On the way of person {number} through the city nothing happens that was to happen.");
        }

        switch (number)
        {
            case 20 or 21:
                battery.EmptyFor(inactiveAfter * 0.3);
                break;
            case 22 or 23:
                battery.EmptyFor(TimeSpan.FromSeconds(12 * (number - 21)));
                break;
            case < Friends:
                battery.LastFor(TimeSpan.FromMinutes(15 + number));
                break;
            default:
                break;
        }
    }

    /// <summary>Back and forth by car, with short stays.</summary>
    private Habits Shuttle(Spot one, Spot other) => new(roads.Nearest(one, Travel.Ride), [roads.Nearest(other, Travel.Ride)], 5, 40, Rides: true);

    /// <summary>Somewhere in the city, denser towards the square.</summary>
    private int Central(Random random)
    {
        while (true)
        {
            var node = Pick(_city, random);
            var outwards = roads.Map.Nodes[node].MetresTo(Spot.UnionSquare) / HomesMetres;
            if (random.NextDouble() > outwards * 0.8)
            {
                return node;
            }
        }
    }

    private static int Pick(IReadOnlyList<int> nodes, Random random) => nodes[random.Next(nodes.Count)];
}
