using NearbyFriends.Client;
using NearbyFriends.Simulator.People;
using NearbyFriends.Simulator.Verifying;

namespace NearbyFriends.Simulator.Replaying;

/// <summary>One mover of a recording on its way through the system again.</summary>
internal sealed class Mover
{
    private readonly TimeProvider _clock;
    private readonly long[] _times;
    private readonly long[] _sentAtTicks;
    private int _sent;

    public Mover(Person person, NearbyClient client, Trace trace, ReplayClock replay, TimeProvider clock)
    {
        (Person, Client, Trace, _clock) = (person, client, trace, clock);
        _times = Array.ConvertAll(trace.Points, point => replay.Of(point.Second));
        _sentAtTicks = new long[_times.Length];
        Seen = Observations.Of(client);
    }

    public Person Person { get; }

    public NearbyClient Client { get; }

    public Trace Trace { get; }

    public Observations Seen { get; }

    /// <summary>When each point is due, and its <c>time</c>: Unix milliseconds.</summary>
    public IReadOnlyList<long> Times => _times;

    /// <summary>Sends the point with this number; they are sent in order.</summary>
    public async Task SendAsync(int number)
    {
        var point = Trace.Points[number];
        _sentAtTicks[number] = _clock.GetUtcNow().Ticks;
        _sent = number + 1;
        if (!await Client.SendAsync(new(point.Latitude, point.Longitude, _times[number])))
        {
            Seen.Disturbed(Client.Now); // kept until there is a connection
        }
    }

    /// <summary>Milliseconds since the point with this <c>time</c> was sent; null when none was.</summary>
    public double? MillisecondsSince(long time)
    {
        var number = Array.BinarySearch(_times, time);
        return number >= 0 && number < _sent
            ? (_clock.GetUtcNow().Ticks - _sentAtTicks[number]) / (double)TimeSpan.TicksPerMillisecond
            : null;
    }

    /// <summary>What was sent and seen; to be taken at once for all.</summary>
    public Witness Testify(IReadOnlyList<int> friends) => new(
        Person.Id,
        Trace.Mover,
        friends,
        [.. Enumerable.Range(0, _sent).Select(i => new SentPoint(
            new DateTimeOffset(_sentAtTicks[i], TimeSpan.Zero).ToUnixTimeMilliseconds(),
            _times[i],
            new(Trace.Points[i].Latitude, Trace.Points[i].Longitude)))],
        Seen,
        Client.List.Friends,
        Client.Now);
}
