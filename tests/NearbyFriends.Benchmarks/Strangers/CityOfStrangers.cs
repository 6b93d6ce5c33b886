using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NearbyFriends.Benchmarks.Fanout;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Strangers;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.LocationCache;
using NearbyFriends.ServiceDefaults.Authentication;

namespace NearbyFriends.Benchmarks.Strangers;

/// <summary>
/// One gateway's strangers, without servers and sockets, on a clock of its own: people walk about, and some of them look. Frames
/// are counted as gateways would send them.
/// </summary>
internal sealed class CityOfStrangers
{
    private const double MetresPerDegree = 111_195;
    private const double WalkMetres = 1.4 * 30; // between two locations
    private const int Gateways = 4;
    private static readonly (double Lat, double Lon) Centre = (37.56, 126.97);

    private readonly SimulatedClock _clock = new();
    private readonly Random _random = new(1);
    private readonly Snapping _snapping;
    private readonly StrangerMap _map;
    private readonly StrangerContext _context;
    private readonly (double North, double East)[] _people;
    private readonly Dictionary<(int Gateway, Geohash Cell), List<StrangerLocation>> _window = [];

    /// <param name="people">How many.</param>
    /// <param name="metres">How far from the centre they live, north or south and east or west.</param>
    public CityOfStrangers(int people, double metres)
    {
        var (options, presence) = (Options.Create(new StrangerOptions()), Options.Create(new PresenceOptions()));
        _snapping = new Snapping(options);
        _map = new StrangerMap(new RecentlyHidden(presence, _clock), presence, _clock);
        var subscriber = new FanoutSubscriber(new NoServers(), _clock);
        var cells = new WatchedCells(_map, subscriber, _ => Task.FromResult<StrangerLocation[]?>([]), _clock, NullLogger<WatchedCells>.Instance);
        _context = new StrangerContext(
            _map, cells, new StrangerNames(_map, new NamelessFriends(), _clock, NullLogger<StrangerNames>.Instance),
            new Pseudonyms(options, Options.Create(new AuthOptions())), _snapping, options, _clock);
        _people = [.. Enumerable.Range(0, people).Select(_ => (Spread(metres), Spread(metres)))];
    }

    public List<Viewer> Viewers { get; } = [];

    public int CellsWatched => _map.CellCount;

    public long Updates { get; private set; }

    public long Frames { get; private set; }

    public long FrameBytes { get; private set; }

    /// <summary>Seconds of one core that frames took on one gateway.</summary>
    public double TakeSeconds { get; private set; }

    /// <summary>Seconds of one core that looks took.</summary>
    public double LookSeconds { get; private set; }

    public long Looks { get; private set; }

    /// <summary>The first people look at those around them, within this radius.</summary>
    public void Look(int viewers, int radius)
    {
        for (var i = 0; i < viewers; i++)
        {
            var viewer = new Viewer(i + 1);
            viewer.Own.TryMove(1, At(i), receivedAt: 0);
            viewer.Strangers = new StrangerWatch(viewer, _context);
            viewer.Strangers.Show(radius, [], null);
            Viewers.Add(viewer);
        }
    }

    /// <summary>Half a second: a sixtieth of the people move, their frames arrive, and a quarter of the viewers look.</summary>
    public void Step(int step)
    {
        const int StepsOfRound = 60;
        const int StepsOfLook = 4;
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        for (var i = step % StepsOfRound; i < _people.Length; i += StepsOfRound)
        {
            Walk(i);
        }

        foreach (var ((_, cell), entries) in _window)
        {
            var frame = CellFrame.Of(entries.ToArray());
            (Frames, FrameBytes) = (Frames + 1, FrameBytes + frame.Length);
            var since = _clock.Real;
            _map.Take(CellFrame.TryRead(frame)!);
            TakeSeconds += (_clock.Real - since).TotalSeconds;
        }

        _window.Clear();
        var began = _clock.Real;
        for (var i = step % StepsOfLook; i < Viewers.Count; i += StepsOfLook, Looks++)
        {
            Viewers[i].Strangers!.Look();
        }

        LookSeconds += (_clock.Real - began).TotalSeconds;
    }

    private void Walk(int person)
    {
        var direction = _random.NextDouble() * 2 * Math.PI;
        _people[person].North += WalkMetres * Math.Cos(direction);
        _people[person].East += WalkMetres * Math.Sin(direction);
        var location = At(person);
        if (person < Viewers.Count)
        {
            Viewers[person].Own.TryMove(1, location, receivedAt: 0);
        }

        var told = _snapping.ToldOf(new LocationUpdate(person + 1, 1, location, float.NaN, 0, StrangersVersion: 1));
        var key = (person / 60 % Gateways, Snapping.CellOf(told.Square)); // each gateway has some of those who move in one step
        (_window.TryGetValue(key, out var entries) ? entries : _window[key] = []).Add(told);
        Updates++;
    }

    private Location At(int person)
    {
        var (north, east) = _people[person];
        var degreesEast = MetresPerDegree * Math.Cos(Centre.Lat * Math.PI / 180);
        return Location.FromDegrees(Centre.Lat + (north / MetresPerDegree), Centre.Lon + (east / degreesEast), _clock.UnixMilliseconds());
    }

    private double Spread(double metres) => ((_random.NextDouble() * 2) - 1) * metres;

    /// <summary>A session whose client reads everything at once.</summary>
    internal sealed class Viewer(long userId) : IStrangerViewer
    {
        public long UserId { get; } = userId;

        public FriendLocation Own { get; } = new(userId);

        public StrangerConsent StrangerConsent { get; } = new(1);

        public StrangerWatch? Strangers { get; set; }

        public MessageFormat Format => MessageFormat.Json;

        public long FlushEveryMs => 2_000;

        public bool IsClosed => false;

        public bool IsReadyForMore => true;

        public long Messages { get; set; }

        public long Bytes { get; set; }

        public int Largest { get; private set; }

        public void Send(MessageBuffer message)
        {
            Messages++;
            Bytes += message.Written.Length;
            Largest = Math.Max(Largest, message.Written.Length);
            message.Dispose();
        }
    }

    private sealed class SimulatedClock : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.FromUnixTimeMilliseconds(1_764_000_000_000);

        public TimeSpan Real => System.GetElapsedTime(0);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan by) => _now += by;
    }

    private sealed class NoServers : IFanoutRoutes
    {
        public ChannelScheme Scheme { get; } = ChannelScheme.Partitioned(1);

        public RouteTable Current { get; } = RouteTable.Of(new Route([], []), 1);

        public void ReportTrouble()
        {
        }
    }
}
