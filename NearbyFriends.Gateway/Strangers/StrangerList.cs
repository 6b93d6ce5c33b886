using System.Runtime.InteropServices;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Protocol;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>
/// What one client was told of strangers, and the message that brings it up to date. A message has at most <see cref="Most"/> people
/// and as many who left, whatever happens around. Not thread-safe: the watch holds its lock.
/// </summary>
internal sealed class StrangerList(Pseudonyms pseudonyms, long viewerId, double retellMetres)
{
    /// <summary>The nearest so many are shown.</summary>
    public const int Most = 50;

    [ThreadStatic]
    private static Scratch? _scratch;

    private readonly Dictionary<long, ToldStranger> _told = [];
    private int _total;
    private long _day;

    /// <summary>Number of the list that the client has; 0 before the first.</summary>
    public int Number { get; private set; }

    /// <summary>Whom the client has.</summary>
    public IReadOnlyDictionary<long, ToldStranger> Told => _told;

    /// <summary>Begins a list: its first message replaces what the client has.</summary>
    /// <param name="day">Of its pseudonyms.</param>
    public void Restart(long day)
    {
        _told.Clear();
        _day = day;
        _total = -1;
        Number++;
    }

    /// <summary>Whether its pseudonyms are of another day.</summary>
    public bool IsOfAnotherDay(long day) => day != _day;

    /// <summary>The message that makes the client's list this one; null when it is already.</summary>
    /// <param name="seen">Whom it is to show, nearest first; who has no name yet is left for later.</param>
    /// <param name="total">How many there are within the radius.</param>
    /// <param name="format">Of the message.</param>
    /// <param name="reference">The client's <c>ref</c>, if this answers it.</param>
    public MessageBuffer? Update(List<SeenStranger> seen, int total, MessageFormat format, string? reference)
    {
        var scratch = _scratch ??= new();
        foreach (var person in CollectionsMarshal.AsSpan(seen))
        {
            scratch.Seen.Add(person.UserId);
            if (person.Name is null)
            {
                continue;
            }

            var distance = GreatCircle.MetresOfChordSquared(person.Chord);
            var isNew = !_told.TryGetValue(person.UserId, out var told);
            if (isNew || told.Square != person.Square || Math.Abs(told.DistanceMetres - distance) >= retellMetres)
            {
                told = new(isNew ? pseudonyms.Of(person.UserId, viewerId, _day) : told.Pseudonym, person.Square, distance);
                _told[person.UserId] = told;
                scratch.People.Add(new(told.Pseudonym, isNew ? person.Name : null, person.Square, distance));
            }
        }

        foreach (var (userId, told) in _told)
        {
            if (!scratch.Seen.Contains(userId))
            {
                _told.Remove(userId);
                scratch.Left.Add(told.Pseudonym);
            }
        }

        var message = scratch.People.Count > 0 || scratch.Left.Count > 0 || total != _total
            ? format.Strangers(Number, CollectionsMarshal.AsSpan(scratch.People), CollectionsMarshal.AsSpan(scratch.Left), total, reference)
            : null;
        _total = total;
        scratch.Clear();
        return message;
    }

    /// <summary>Lists that are needed only while a message is written, one for each thread.</summary>
    private sealed class Scratch
    {
        public HashSet<long> Seen { get; } = [];

        public List<FriendEntry> People { get; } = [];

        public List<long> Left { get; } = [];

        public void Clear()
        {
            Seen.Clear();
            People.Clear();
            Left.Clear();
        }
    }
}
