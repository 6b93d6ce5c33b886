using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
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
using NearbyFriends.UnitTests.Fanout;
using NearbyFriends.UnitTests.Sessions;

namespace NearbyFriends.UnitTests.Strangers;

/// <summary>The strangers of a gateway without servers and sockets, on a clock that the test advances.</summary>
internal sealed class LoneCity
{
    public const double Latitude = 37.77;
    public const double Longitude = -122.42;

    private readonly Snapping _snapping;
    private readonly StrangerContext _context;

    public LoneCity()
    {
        var presence = Options.Create(new PresenceOptions());
        var options = Options.Create(new StrangerOptions { PseudonymKey = "a key that only the tests of strangers use" });
        _snapping = new Snapping(options);
        Hidden = new RecentlyHidden(presence, Clock);
        Map = new StrangerMap(Hidden, presence, Clock);
        Looks = new StrangerLooks(Map, presence, Clock, NullLogger<StrangerLooks>.Instance);
        var subscriber = new FanoutSubscriber(new NoServers(), Clock);
        var cells = new WatchedCells(Map, subscriber, _ => Task.FromResult<StrangerLocation[]?>([]), Clock, NullLogger<WatchedCells>.Instance);
        _context = new StrangerContext(
            Map, cells, new StrangerNames(Map, new NamedPeople(), Clock, NullLogger<StrangerNames>.Instance),
            new Pseudonyms(options, Options.Create(new AuthOptions())), _snapping, options, Clock);
    }

    public SteppingClock Clock { get; } = new();

    public RecentlyHidden Hidden { get; }

    public StrangerMap Map { get; }

    public StrangerLooks Looks { get; }

    private long Now => Clock.UnixMilliseconds();

    /// <summary>Somebody begins to look from a place; friends and blocks are not shown.</summary>
    public Viewer Look(long userId, double latitude, double longitude, int radius = 5_000, params long[] excluded)
    {
        var viewer = new Viewer(userId, this);
        viewer.Strangers = new StrangerWatch(viewer, _context);
        viewer.MoveTo(latitude, longitude);
        viewer.Strangers.Show(radius, excluded, "asked");
        return viewer;
    }

    /// <summary>People go somewhere, and the frames with which gateways hear of it arrive.</summary>
    public void Move(IEnumerable<long> userIds, double latitude, double longitude, long sharingVersion = 1, long strangersVersion = 1, long until = 0)
    {
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        var location = Location.FromDegrees(latitude, longitude, Now);
        foreach (var told in userIds
            .Select(userId => _snapping.ToldOf(new LocationUpdate(userId, sharingVersion, location, float.NaN, 0, until, strangersVersion)))
            .Chunk(CellFrame.MaxEntries))
        {
            Map.Take(CellFrame.TryRead(CellFrame.Of(told))!);
        }
    }

    /// <summary>A session that looks for strangers, and what its client was sent.</summary>
    internal sealed class Viewer(long userId, LoneCity city) : IStrangerViewer
    {
        public long UserId { get; } = userId;

        public FriendLocation Own { get; } = new(userId);

        public StrangerConsent StrangerConsent { get; } = new(1);

        public StrangerWatch? Strangers { get; set; }

        public MessageFormat Format => MessageFormat.Json;

        public long FlushEveryMs => 0;

        public bool IsClosed { get; set; }

        public bool IsReadyForMore { get; set; } = true;

        public List<string> Received { get; } = [];

        public JsonElement Last => JsonElement.Parse(Received[^1]);

        public void MoveTo(double latitude, double longitude)
        {
            city.Clock.Advance(TimeSpan.FromMilliseconds(1));
            Own.TryMove(1, Location.FromDegrees(latitude, longitude, city.Now), receivedAt: 0);
        }

        public void Send(MessageBuffer message)
        {
            Received.Add(Encoding.UTF8.GetString(message.Written.Span));
            message.Dispose();
        }

        /// <summary>The message of one more look; null when there is nothing to tell.</summary>
        public JsonElement? LookAgain()
        {
            var before = Received.Count;
            Strangers!.Look();
            Assert.InRange(Received.Count, before, before + 1);
            return Received.Count > before ? Last : null;
        }
    }

    private sealed class NamedPeople : NoFriendSource
    {
        public override Task<IReadOnlyDictionary<long, string>> DisplayNamesAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyDictionary<long, string>>(userIds.ToDictionary(userId => userId, userId => $"User {userId}"));
    }
}
