using NearbyFriends.Simulator.Walking;

namespace NearbyFriends.Simulator.Replaying;

/// <summary>
/// Somebody who needs no map: stays at a place for a while, then walks straight to a near one or drives to a far one, anywhere
/// on Earth. The same random numbers lead the same way.
/// </summary>
public sealed class Wanderer
{
    private const double WalkingMetresPerSecond = 1.4;
    private const double WalkableMetres = 1_500;
    private static readonly (int Shortest, int Longest) StaySeconds = (20, 600);

    private readonly Spot _centre;
    private readonly double _cityMetres;
    private readonly Random _random;
    private Spot _goal;
    private double _metresPerSecond;
    private double _staySeconds;

    /// <param name="centre">Of the city.</param>
    /// <param name="cityMetres">How far from the centre places are; two thirds of them lie within half of it.</param>
    /// <param name="random">Leads the way.</param>
    public Wanderer(Spot centre, double cityMetres, Random random)
    {
        (_centre, _cityMetres, _random) = (centre, cityMetres, random);
        Position = _goal = SomePlace();
        _staySeconds = random.NextDouble() * StaySeconds.Longest;
        if (random.Next(2) == 0)
        {
            SetOut(); // half of them are on their way when one starts to look
        }
    }

    public Spot Position { get; private set; }

    /// <summary>Lives on for so many seconds.</summary>
    public void Advance(double seconds)
    {
        if (_staySeconds > 0)
        {
            _staySeconds -= seconds;
            if (_staySeconds <= 0)
            {
                SetOut();
            }

            return;
        }

        var (east, north) = Position.To(_goal);
        var remaining = Math.Sqrt((east * east) + (north * north));
        var step = _metresPerSecond * seconds;
        if (remaining <= step)
        {
            Position = _goal;
            _staySeconds = _random.Next(StaySeconds.Shortest, StaySeconds.Longest);
            return;
        }

        Position = Position.Offset(east / remaining * step, north / remaining * step);
    }

    private void SetOut()
    {
        _staySeconds = 0;
        _goal = _random.Next(3) == 0
            ? SomePlace()
            : Position.Offset(Between(-WalkableMetres, WalkableMetres), Between(-WalkableMetres, WalkableMetres));
        var (east, north) = Position.To(_goal);
        _metresPerSecond = (east * east) + (north * north) <= 2 * WalkableMetres * WalkableMetres
            ? WalkingMetresPerSecond * Between(0.8, 1.2)
            : Between(7, 14);
    }

    /// <summary>Denser towards the centre.</summary>
    private Spot SomePlace()
    {
        var distance = _cityMetres * Math.Pow(_random.NextDouble(), 1.5);
        var (sin, cos) = Math.SinCos(_random.NextDouble() * 2 * Math.PI);
        return _centre.Offset(distance * cos, distance * sin);
    }

    private double Between(double low, double high) => low + ((high - low) * _random.NextDouble());
}
