using NearbyFriends.Client.Locations;
using NearbyFriends.Client.Wire;

namespace NearbyFriends.Client.Lists;

/// <summary>Somebody nearby who is no friend.</summary>
/// <param name="Id">A pseudonym: another user, or another day, knows this person by another one.</param>
/// <param name="Name">Display name.</param>
/// <param name="Latitude">Of the square that the person is in, degrees WGS 84.</param>
/// <param name="Longitude">Of the square that the person is in, degrees WGS 84.</param>
/// <param name="Time">When the person was there: Unix milliseconds UTC.</param>
/// <param name="Distance">Metres from one's own last location to the middle of the square.</param>
public readonly record struct Stranger(long Id, string Name, double Latitude, double Longitude, long Time, double Distance);

/// <summary>The strangers nearby, as the gateway told last. Safe to read from any thread.</summary>
public sealed class StrangerList
{
    private readonly Dictionary<long, Stranger> _people = [];
    private volatile Stranger[] _sorted = [];
    private Location? _own;
    private long _number;

    internal StrangerList()
    {
    }

    /// <summary>The nearest 50, nearest first. An immutable snapshot.</summary>
    public IReadOnlyList<Stranger> People => _sorted;

    /// <summary>How many there are within the radius.</summary>
    public int Total { get; private set; }

    internal void Apply(StrangersMessage message)
    {
        if (message.List != _number)
        {
            _number = message.List;
            _people.Clear();
        }

        foreach (var entry in message.People)
        {
            _people.TryGetValue(entry.Id, out var before);
            _people[entry.Id] = new(entry.Id, entry.Name ?? before.Name ?? "", entry.Lat, entry.Lon, entry.Time, DistanceOf(entry.Lat, entry.Lon, entry.Distance));
        }

        foreach (var id in message.Left)
        {
            _people.Remove(id);
        }

        Total = message.Total;
        Sort();
    }

    /// <summary>One moved oneself; answers whether that changes anything.</summary>
    internal bool MoveTo(in Location own)
    {
        _own = own;
        foreach (var person in _sorted)
        {
            _people[person.Id] = person with { Distance = own.DistanceTo(person.Latitude, person.Longitude) };
        }

        Sort();
        return _people.Count > 0;
    }

    /// <inheritdoc cref="NearbyList.ForgetOwn"/>
    internal void ForgetOwn() => _own = null;

    /// <summary>Empties the list, as when one stops sharing.</summary>
    internal void Clear()
    {
        _people.Clear();
        _sorted = [];
        Total = 0;
    }

    /// <summary>A new session: whatever number its first list has, it replaces this one.</summary>
    internal void BeginSession() => _number = 0;

    // The gateway may not have had the location sent last when it computed its distance.
    private double DistanceOf(double latitude, double longitude, double reported) => _own is { } own ? own.DistanceTo(latitude, longitude) : reported;

    private void Sort() => _sorted = [.. _people.Values.OrderBy(person => person.Distance).ThenBy(person => person.Id)];
}
