namespace NearbyFriends.Simulator.Walking;

/// <summary>What somebody does all day.</summary>
/// <param name="Home">Node where the day starts, and where every second errand leads back to.</param>
/// <param name="Errands">Nodes that one goes to.</param>
/// <param name="ShortestStay">Seconds that one stays at a place, at least.</param>
/// <param name="LongestStay">Seconds that one stays at a place, at most.</param>
/// <param name="Rides">Whether one rides however near the errand is.</param>
public sealed record Habits(int Home, IReadOnlyList<int> Errands, int ShortestStay, int LongestStay, bool Rides = false);

/// <summary>
/// Somebody with a home and errands: stays at a place for a while, then walks to a near one or rides to a far one, by the
/// quickest way. The same random numbers lead the same way.
/// </summary>
public sealed class Walker
{
    /// <summary>As the crow flies, farther than this nobody walks.</summary>
    private const double WalkableMetres = 1_300;

    private readonly RoadGraph _roads;
    private readonly Habits _habits;
    private readonly Random _random;
    private readonly double _pace;
    private int _place;
    private Route? _route;
    private double _onRoute;
    private double _stay;

    /// <param name="roads">Where.</param>
    /// <param name="habits">Whereto.</param>
    /// <param name="random">Leads the way.</param>
    public Walker(RoadGraph roads, Habits habits, Random random)
    {
        (_roads, _habits, _random, _place) = (roads, habits, random, habits.Home);
        _pace = 0.85 + (0.3 * random.NextDouble());
        Position = roads.Map.Nodes[_place];
        _stay = random.Next(habits.LongestStay);
        if (random.Next(3) > 0)
        {
            // Most are on their way when one starts to look.
            SetOut();
            Advance(random.NextDouble() * (_route?.Seconds ?? 0));
        }
    }

    public Spot Position { get; private set; }

    /// <summary>Where no signal reaches.</summary>
    public bool IsUnderground { get; private set; }

    /// <summary>
    /// Begins on the way from home to an errand, so that in so many seconds <paramref name="happens"/> becomes true of where
    /// one is and whether that is below ground.
    /// </summary>
    /// <returns>Whether it ever does on that way.</returns>
    public bool StartBefore(double seconds, Func<Spot, bool, bool> happens)
    {
        foreach (var (from, to) in _habits.Errands.SelectMany(errand => ((int, int)[])[(_habits.Home, errand), (errand, _habits.Home)]))
        {
            if (_roads.Find(from, to, Travel.Ride, _pace) is { } route && route.When(happens) is { } when && when > 0)
            {
                (_route, _onRoute, _stay) = (route, 0, 0);
                Advance(Math.Max(0, when - seconds));
                return true;
            }
        }

        return false;
    }

    /// <summary>Lives on for so many seconds.</summary>
    public void Advance(double seconds)
    {
        if (_route is null)
        {
            _stay -= seconds;
            if (_stay <= 0)
            {
                SetOut();
            }

            return;
        }

        _onRoute += seconds;
        (Position, IsUnderground) = _route.At(_onRoute);
        if (_onRoute >= _route.Seconds)
        {
            _place = _route.Destination;
            _route = null;
            _stay = _random.Next(_habits.ShortestStay, _habits.LongestStay);
        }
    }

    private void SetOut()
    {
        var goal = _place != _habits.Home && _random.Next(2) == 0 ? _habits.Home : _habits.Errands[_random.Next(_habits.Errands.Count)];
        var nodes = _roads.Map.Nodes;
        var walks = !_habits.Rides && nodes[_place].MetresTo(nodes[goal]) <= WalkableMetres;
        _route = goal == _place
            ? null
            : (walks ? _roads.Find(_place, goal, Travel.Foot, _pace) : null) ?? _roads.Find(_place, goal, Travel.Ride, _pace);
        _onRoute = 0;
        if (_route is null)
        {
            _stay = _habits.ShortestStay;
        }
    }
}
