using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.Gateway.Telemetry;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.LocationCache;
using NearbyFriends.People;

namespace NearbyFriends.UnitTests.Sessions;

/// <summary>The sessions of a gateway without servers and sockets, on a clock that the test advances.</summary>
internal sealed class LoneGateway
{
    private readonly SessionContext _context;
    private readonly Deliveries _deliveries;
    private readonly Action _turn;

    public LoneGateway()
    {
        var presenceOptions = Options.Create(new PresenceOptions());
        var figures = new LiveFigures(Clock);
        var flushes = new FlushWheel(Clock, NullLogger<FlushWheel>.Instance);
        var presence = new PresenceWheel(presenceOptions, Clock);
        _turn = () =>
        {
            presence.Turn();
            flushes.Turn();
        };
        _deliveries = new(presence, new RecentlyHidden(presenceOptions, Clock), figures, Clock);
        _context = new SessionContext(
            Index, flushes, presence, new DisplayNames(new NoFriendSource(), NullLogger<DisplayNames>.Instance), figures,
            Options.Create(new GatewayOptions()), presenceOptions, Clock);
    }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(1_764_000_000_000));

    public long Now => Clock.UnixMilliseconds();

    public WatchIndex Index { get; } = new();

    /// <summary>Opens a session.</summary>
    public Session Open(long userId, long[] friends, Transport? client = null) => new(userId, friends, 1, _context, client ?? new RecordingClient());

    /// <summary>A user whom somebody watches is at these degrees now.</summary>
    public void Move(long userId, double latitude, double longitude, long sharingVersion = 1)
    {
        var location = Index.Find(userId)!;
        location.DisplayName ??= $"User {userId}"; // or lists and flushes would wait for it
        var tally = default(DeliveryTally);
        _deliveries.Move(location, sharingVersion, Location.FromDegrees(latitude, longitude, Now), receivedAt: 0, trace: default, ref tally);
    }

    /// <summary>Time passes; what is due by its end happens then.</summary>
    public void Advance(TimeSpan by)
    {
        Clock.Advance(by);
        _turn();
    }

    private sealed class NoFriendSource : IFriendSource
    {
        public Task<UserFriends?> LoadAsync(long userId, CancellationToken cancellationToken) => Task.FromResult<UserFriends?>(null);

        public Task<long[]> LoadBlocksAsync(long userId, CancellationToken cancellationToken) => Task.FromResult<long[]>([]);

        public Task<long?> FindBySubjectAsync(string subject, CancellationToken cancellationToken) => Task.FromResult<long?>(null);

        public Task<IReadOnlyDictionary<long, string>> DisplayNamesAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyDictionary<long, string>>(new Dictionary<long, string>());

        public Task<UserSharing?> FindSharingAsync(long userId, CancellationToken cancellationToken) => Task.FromResult<UserSharing?>(null);

        public Task<JournalTail> ReadChangesAsync(string? cursor, TimeSpan last, CancellationToken cancellationToken) =>
            Task.FromResult(new JournalTail([], null));
    }
}
