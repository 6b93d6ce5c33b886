using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NearbyFriends.Gateway;
using NearbyFriends.Gateway.Operations;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.Gateway.Transports;
using NearbyFriends.LocationCache;
using NearbyFriends.People;

namespace NearbyFriends.UnitTests.Sessions;

/// <summary>The sessions of a gateway without servers and sockets.</summary>
internal sealed class LoneGateway
{
    private readonly SessionContext _context;

    public LoneGateway()
    {
        var presenceOptions = Options.Create(new PresenceOptions());
        _context = new SessionContext(
            Index,
            new FlushWheel(TimeProvider.System, NullLogger<FlushWheel>.Instance),
            new PresenceWheel(presenceOptions, TimeProvider.System),
            new DisplayNames(new NoFriendSource(), NullLogger<DisplayNames>.Instance),
            new LiveFigures(TimeProvider.System),
            Options.Create(new GatewayOptions()),
            presenceOptions,
            TimeProvider.System);
    }

    public WatchIndex Index { get; } = new();

    /// <summary>Opens a session; its messages go to <paramref name="send"/>.</summary>
    public Session Open(long userId, long[] friends, Action<string>? send = null) => new(userId, friends, 1, _context, new Client(send));

    private sealed class Client(Action<string>? send) : Transport
    {
        public override MessageFormat Format => MessageFormat.Json;

        public override ValueTask SendAsync(MessageBuffer message)
        {
            send?.Invoke(System.Text.Encoding.UTF8.GetString(message.Written.Span));
            return ValueTask.CompletedTask;
        }

        public override Task CloseAsync(int code, string reason) => Task.CompletedTask;
    }

    private sealed class NoFriendSource : IFriendSource
    {
        public Task<UserFriends?> LoadAsync(long userId, CancellationToken cancellationToken) => Task.FromResult<UserFriends?>(null);

        public Task<long?> FindBySubjectAsync(string subject, CancellationToken cancellationToken) => Task.FromResult<long?>(null);

        public Task<IReadOnlyDictionary<long, string>> DisplayNamesAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyDictionary<long, string>>(new Dictionary<long, string>());

        public Task<UserSharing?> FindSharingAsync(long userId, CancellationToken cancellationToken) => Task.FromResult<UserSharing?>(null);

        public Task<JournalTail> ReadChangesAsync(string? cursor, TimeSpan last, CancellationToken cancellationToken) =>
            Task.FromResult(new JournalTail([], null));
    }
}
