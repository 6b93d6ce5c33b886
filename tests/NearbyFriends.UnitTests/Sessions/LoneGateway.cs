using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Gateway;
using NearbyFriends.Gateway.Alerts;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Ingress;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.Gateway.Telemetry;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.LocationCache;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.ServiceDefaults.Telemetry;
using NearbyFriends.UnitTests.Fanout;

namespace NearbyFriends.UnitTests.Sessions;

/// <summary>The sessions of a gateway without servers and sockets, on a clock that the test advances.</summary>
internal sealed class LoneGateway
{
    private readonly SessionContext _context;
    private readonly Deliveries _deliveries;
    private readonly Func<Session, GatewayOptions, SessionCommands> _commandsOf;
    private readonly Action _turn;

    /// <param name="shortestStandstill">How far the clock leaps at least in a standstill; null: all leaps are time that passes.</param>
    /// <param name="names">Whom it asks for names; null: nobody has one.</param>
    public LoneGateway(TimeSpan? shortestStandstill = null, IFriendSource? names = null)
    {
        Standstill = new(Clock) { Shortest = shortestStandstill ?? TimeSpan.MaxValue };
        Sharing = new(Clock);
        var presenceOptions = Options.Create(Presence);
        var figures = new LiveFigures(Clock);
        var flushes = new FlushWheel(Standstill, Options.Create(new GatewayOptions()), Clock, NullLogger<FlushWheel>.Instance);
        var presence = new PresenceWheel(presenceOptions, Clock);
        _turn = () =>
        {
            presence.Turn();
            Sharing.Turn();
            flushes.Turn();
        };
        var hidden = new RecentlyHidden(presenceOptions, Clock);
        _deliveries = new(presence, hidden, figures, Clock);
        var ingress = new LocationIngress(
            updates => WriteToCache(updates), hidden, [new LocalWatchers(Index, _deliveries, Sharing)], figures,
            new UserIdHash(Options.Create(new TelemetryOptions()), Options.Create(new AuthOptions())),
            Options.Create(new FanoutOptions()), Clock, NullLogger<LocationIngress>.Instance);
        _ = ingress.StartAsync(CancellationToken.None);
        var check = new LocationCheck(new OutlierFilter(presenceOptions), Clock);
        _commandsOf = (session, options) => new(session, check, ingress, strangers: null!, callers: null!, options, Presence, Clock);
        Frames = new FrameReceiver(Index, _deliveries, Changes.Add, show: static _ => { });
        _context = new SessionContext(
            Index, flushes, presence, new DisplayNames(names ?? new NoFriendSource(), Clock, NullLogger<DisplayNames>.Instance), figures, Standstill,
            Options.Create(new GatewayOptions()), presenceOptions, Clock);
    }

    public SteppingClock Clock { get; } = new();

    public PresenceOptions Presence { get; } = new();

    public long Now => Clock.UnixMilliseconds();

    public WatchIndex Index { get; } = new();

    public WatchedSharing Sharing { get; }

    /// <summary>What it knows of standstills.</summary>
    public Standstill Standstill { get; }

    /// <summary>The location cache: takes everything, until a test sets another.</summary>
    public WriteLocations WriteToCache { get; set; } =
        updates => Task.FromResult(Enumerable.Repeat<LocationWrite?>(LocationWrite.Current, updates.Count).ToArray());

    /// <summary>Takes frames of other gateways.</summary>
    public FrameReceiver Frames { get; }

    /// <summary>The changes that frames announced.</summary>
    public List<Change> Changes { get; } = [];

    /// <summary>Opens a session.</summary>
    public Session Open(long userId, long[] friends, Transport? client = null) => new(userId, friends, 1, _context, client ?? new RecordingClient());

    /// <summary>What the client of a session may send; not tokens.</summary>
    public SessionCommands CommandsOf(Session session, GatewayOptions? options = null) => _commandsOf(session, options ?? new GatewayOptions());

    /// <summary>What watches for alerts here; nobody is told of any.</summary>
    public AlertWatches AlertsOf(IFriendSource friends, ReadLocations read, ILogger<AlertWatches> logger) => new(
        Index, new WatchedUsers(Index, _deliveries, Sharing, read, Clock, NullLogger<WatchedUsers>.Instance), Sharing, _context.Presence,
        new FanoutSubscriber(new NoServers(), Clock), friends,
        new AlertSender(approaches: null!, notices: null!, publisher: null!, NullLogger<AlertSender>.Instance), Clock, logger);

    /// <summary>A user whom somebody watches is at these degrees now.</summary>
    public void Move(long userId, double latitude, double longitude, long sharingVersion = 1, float accuracy = float.NaN)
    {
        var location = Index.Find(userId)!;
        location.DisplayName ??= $"User {userId}"; // or lists and flushes would wait for it
        var tally = default(DeliveryTally);
        _deliveries.Move(location, sharingVersion, Location.FromDegrees(latitude, longitude, Now), Accuracy.FromMetres(accuracy), receivedAt: 0, trace: default, ref tally);
    }

    /// <summary>Time passes; what is due by its end happens then.</summary>
    public void Advance(TimeSpan by)
    {
        Clock.Advance(by);
        _turn();
    }
}
