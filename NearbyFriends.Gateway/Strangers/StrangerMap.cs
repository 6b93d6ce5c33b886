using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>
/// Everybody whom a session of this gateway may see as a stranger: who is in the cells that are watched, by square.
/// </summary>
/// <remarks>
/// All people of a square are at one place, so what a look around costs depends on the squares within the radius (1,300 of 250 m
/// within 5 km), not on the people: a crowd of 20,000 costs a look no more than a village does. Each person is kept once in a gateway, however many sessions
/// look. Looks share a lock that updates take alone, a frame at a time. Nothing is told to sessions here: they look when their pace
/// allows, so that a thousand updates in a crowd do not wake a thousand sessions each.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Frames come until the process ends: a lock that was disposed of would fail them.")]
public sealed class StrangerMap(RecentlyHidden hidden, IOptions<PresenceOptions> presence, TimeProvider clock)
{
    [ThreadStatic]
    private static PriorityQueue<Square, double>? _squares;

    private readonly RecentlyHidden _optedOut = new(presence, clock); // by strangers version
    private readonly ReaderWriterLockSlim _gate = new();
    private readonly Dictionary<long, Stranger> _people = [];
    private readonly Dictionary<Geohash, Dictionary<Location, Square>> _cells = [];

    /// <summary>People known now.</summary>
    public int Count => _people.Count;

    /// <summary>Cells that are watched.</summary>
    public int CellCount => _cells.Count;

    /// <summary>Keeps who is in this cell from now on.</summary>
    public void Open(Geohash cell) => Write(() => _cells.TryAdd(cell, []));

    /// <summary>Forgets the cell and who is in it.</summary>
    public void Close(Geohash cell) => Write(() =>
    {
        if (_cells.Remove(cell, out var squares))
        {
            foreach (var person in squares.Values.SelectMany(square => square.People))
            {
                _people.Remove(person.UserId);
            }
        }
    });

    /// <summary>Takes what a frame or a snapshot says, so far as it is newer than what is known, active and not hidden since.</summary>
    public void Take(StrangerLocation[] entries) => Write(() =>
    {
        var now = clock.UnixMilliseconds();
        foreach (var entry in entries)
        {
            if (entry.IsHidden)
            {
                HideLocked(entry);
            }
            else if (now < EndOf(entry) && !IsHidden(entry))
            {
                Move(entry);
            }
        }
    });

    /// <summary>Shows nothing any more of a user up to these versions; false if that was known.</summary>
    /// <param name="word">Of <see cref="StrangerLocation.Hidden"/>.</param>
    public bool Hide(StrangerLocation word)
    {
        var isNews = false;
        Write(() => isNews = HideLocked(word));
        return isNews;
    }

    /// <summary>Forgets who is inactive, or whose sharing has ended.</summary>
    public void Sweep() => Write(() =>
    {
        var now = clock.UnixMilliseconds();
        foreach (var person in _people.Values)
        {
            if (now >= person.End)
            {
                Remove(person);
            }
        }
    });

    /// <summary>Names people; null where a name changed and is to be asked for again.</summary>
    public void Name(IReadOnlyCollection<KeyValuePair<long, string?>> names) => Write(() =>
    {
        foreach (var (userId, name) in names)
        {
            if (_people.TryGetValue(userId, out var person))
            {
                person.Name = name;
            }
        }
    });

    /// <summary>Finds whom a session shows.</summary>
    /// <param name="look">From where, how far, and at whom not.</param>
    /// <param name="found">The nearest, nearest first; emptied before.</param>
    /// <returns>How many there are within the radius.</returns>
    public int Look(in StrangerLook look, List<SeenStranger> found)
    {
        found.Clear();
        _gate.EnterReadLock();
        try
        {
            var squares = _squares ??= new();
            var total = 0;
            foreach (var cell in look.Cells)
            {
                if (!_cells.TryGetValue(cell, out var inCell))
                {
                    continue;
                }

                foreach (var square in inCell.Values)
                {
                    if (square.Position.ChordSquared(look.From) is var chord && chord <= look.WithinChord)
                    {
                        total += square.People.Count;
                        squares.Enqueue(square, chord);
                    }
                }
            }

            var now = clock.UnixMilliseconds();
            while (found.Count < look.Most && squares.TryDequeue(out var square, out var chord))
            {
                AddFrom(square, chord, look, now, found);
            }

            squares.Clear();
            return total - CountExcluded(look);
        }
        finally
        {
            _gate.ExitReadLock();
        }
    }

    /// <summary>
    /// Adds people of a square, as many as there is room for. Of a square with more, first those whom the client has already, so that
    /// its list is calm; then others, beginning at another one for each viewer, so that nobody is the one whom all see.
    /// </summary>
    private void AddFrom(Square square, double chord, in StrangerLook look, long now, List<SeenStranger> found)
    {
        var people = square.People;
        var room = look.Most - found.Count;
        var isCrowded = people.Count > room;
        if (isCrowded)
        {
            foreach (var told in look.Told.Keys)
            {
                if (_people.TryGetValue(told, out var person) && person.Square == square)
                {
                    Add(person, look);
                }
            }
        }

        var first = (int)((uint)StableHash.Of(look.ViewerId) % (uint)people.Count);
        for (var i = 0; i < people.Count && room > 0; i++)
        {
            var person = people[(first + i) % people.Count];
            if (!isCrowded || !look.Told.ContainsKey(person.UserId))
            {
                Add(person, look);
            }
        }

        void Add(Stranger person, in StrangerLook look)
        {
            if (room > 0 && now < person.End && !look.IsExcluded(person.UserId))
            {
                found.Add(new(person.UserId, person.Name, square.Centre with { Time = person.Time }, chord));
                room--;
            }
        }
    }

    private int CountExcluded(in StrangerLook look)
    {
        var count = 0;
        foreach (var userId in look.Excluded)
        {
            if (_people.TryGetValue(userId, out var person) && look.Cells.Contains(person.Cell)
                && person.Square.Position.ChordSquared(look.From) <= look.WithinChord)
            {
                count++;
            }
        }

        return count;
    }

    private long EndOf(in StrangerLocation entry) => presence.Value.EndOf(entry.Square.Time, entry.SharingUntil);

    private bool IsHidden(in StrangerLocation entry) =>
        hidden.IsHidden(entry.UserId, entry.SharingVersion) || _optedOut.IsHidden(entry.UserId, entry.StrangersVersion);

    private bool HideLocked(in StrangerLocation word)
    {
        var isNews = Record(hidden, word.UserId, word.SharingVersion) | Record(_optedOut, word.UserId, word.StrangersVersion);
        if (_people.TryGetValue(word.UserId, out var person)
            && (person.SharingVersion <= word.SharingVersion || person.StrangersVersion <= word.StrangersVersion))
        {
            Remove(person);
        }

        return isNews;
    }

    /// <summary>False when there is nothing to record, or it is known.</summary>
    private static bool Record(RecentlyHidden among, long userId, long version)
    {
        if (version == 0 || among.IsHidden(userId, version))
        {
            return false;
        }

        among.Add(userId, version);
        return true;
    }

    private void Move(in StrangerLocation entry)
    {
        _people.TryGetValue(entry.UserId, out var person);
        if (person is not null)
        {
            if ((entry.StrangersVersion, entry.SharingVersion, entry.Square.Time).CompareTo((person.StrangersVersion, person.SharingVersion, person.Time)) <= 0)
            {
                return;
            }

            Remove(person);
        }

        var cell = Snapping.CellOf(entry.Square);
        if (!_cells.TryGetValue(cell, out var squares))
        {
            return; // went where nobody here looks
        }

        var centre = entry.Square with { Time = 0 };
        if (!squares.TryGetValue(centre, out var square))
        {
            squares.Add(centre, square = new Square(centre));
        }

        person = new Stranger(entry, EndOf(entry), cell, square, square.People.Count, person?.Name);
        _people.Add(entry.UserId, person);
        square.People.Add(person);
    }

    private void Remove(Stranger person)
    {
        _people.Remove(person.UserId);
        var people = person.Square.People;
        var last = people[^1];
        people[last.Index = person.Index] = last;
        people.RemoveAt(people.Count - 1);
        if (people.Count == 0)
        {
            _cells[person.Cell].Remove(person.Square.Centre);
        }
    }

    private void Write(Action change)
    {
        _gate.EnterWriteLock();
        try
        {
            change();
        }
        finally
        {
            _gate.ExitWriteLock();
        }
    }

    private sealed class Square(Location centre)
    {
        public Location Centre { get; } = centre;

        public UnitVector Position { get; } = centre.Position;

        public List<Stranger> People { get; } = [];
    }

    private sealed class Stranger(in StrangerLocation entry, long end, Geohash cell, Square square, int index, string? name)
    {
        public long UserId { get; } = entry.UserId;

        public long SharingVersion { get; } = entry.SharingVersion;

        public long StrangersVersion { get; } = entry.StrangersVersion;

        public long Time { get; } = entry.Square.Time;

        /// <summary>From when on nothing of it is shown.</summary>
        public long End { get; } = end;

        public Geohash Cell { get; } = cell;

        public Square Square { get; } = square;

        /// <summary>Where it stands among the people of its square.</summary>
        public int Index { get; set; } = index;

        public string? Name { get; set; } = name;
    }
}
