using Microsoft.Extensions.Logging.Abstractions;
using NearbyFriends.Core;
using NearbyFriends.Gateway.Alerts;
using NearbyFriends.LocationCache;
using NearbyFriends.People;
using NearbyFriends.UnitTests.Sessions;

namespace NearbyFriends.UnitTests.Alerts;

/// <summary>How a gateway learns of its users' alerts, without servers.</summary>
public sealed class AlertWatchesTests
{
    private const long Me = 1;
    private const long Bo = 2;
    private const long Cy = 3;

    private readonly LoneGateway _gateway = new();
    private readonly Source _source = new();

    [Fact]
    public void While_users_cannot_be_loaded_the_log_has_one_line_and_not_one_for_each()
    {
        var logger = new RecordingLogger<AlertWatches>();
        using var watches = _gateway.AlertsOf(_source, ReadNothing, logger);
        _source.IsUnavailable = true;

        for (var user = 1; user <= 100; user++)
        {
            watches.Want(user);
        }

        Assert.Equal((100, 1), (_source.Loads, logger.Lines.Count));
    }

    [Fact]
    public void A_user_whom_a_session_has_just_loaded_is_not_loaded_again_until_something_changes()
    {
        using var watches = _gateway.AlertsOf(_source, ReadNothing, NullLogger<AlertWatches>.Instance);

        watches.Want(WithAlertAbout(Bo, version: 4));
        Assert.Equal((0, true, false), (_source.Loads, IsWatched(Bo), IsWatched(Cy)));

        _source.User = WithAlertAbout(Cy, version: 5);
        watches.Apply(AlertsChanged(version: 4)); // known
        watches.Apply(AlertsChanged(version: 5));

        Assert.Equal((1, false, true), (_source.Loads, IsWatched(Bo), IsWatched(Cy)));
    }

    [Fact]
    public void A_change_that_comes_while_the_watch_of_a_loaded_user_begins_is_not_missed()
    {
        var reading = new TaskCompletionSource<CachedLocations>();
        using var watches = _gateway.AlertsOf(_source, _ => reading.Task, NullLogger<AlertWatches>.Instance);
        watches.Want(WithAlertAbout(Bo, version: 4));

        _source.User = WithAlertAbout(Cy, version: 5);
        watches.Apply(AlertsChanged(version: 5));
        reading.SetResult(new([], isComplete: true));

        Assert.Equal((1, false, true), (_source.Loads, IsWatched(Bo), IsWatched(Cy)));
    }

    [Fact]
    public void A_change_that_the_loaded_user_has_already_does_not_replace_the_watch_that_begins()
    {
        var reading = new TaskCompletionSource<CachedLocations>();
        using var watches = _gateway.AlertsOf(_source, _ => reading.Task, NullLogger<AlertWatches>.Instance);
        watches.Want(WithAlertAbout(Bo, version: 4));

        watches.Apply(AlertsChanged(version: 4)); // as the journal is read once more
        reading.SetResult(new([], isComplete: true));

        Assert.Equal((0, true), (_source.Loads, IsWatched(Bo)));
    }

    private static Task<CachedLocations> ReadNothing(IReadOnlyList<long> userIds) =>
        Task.FromResult(new CachedLocations(new CachedLocation?[userIds.Count], isComplete: true));

    private static UserFriends WithAlertAbout(long friend, long version) =>
        new(Me, "Me", new(true, 1, 0), false, version, [Bo, Cy]) { Alerts = new Dictionary<long, AlertRule> { [friend] = new(500, 3600) } };

    private Change AlertsChanged(long version) => new(Me, ChangeKind.AlertsChanged, version, 0, _gateway.Clock.GetUtcNow());

    private bool IsWatched(long user) => _gateway.Index.Find(user) is not null;

    private sealed class Source : NoFriendSource
    {
        public UserFriends? User { get; set; }

        public bool IsUnavailable { get; set; }

        public int Loads { get; private set; }

        public override Task<UserFriends?> LoadAsync(long userId, CancellationToken cancellationToken)
        {
            Loads++;
            return IsUnavailable ? Task.FromException<UserFriends?>(new TimeoutException()) : Task.FromResult(User);
        }
    }
}
