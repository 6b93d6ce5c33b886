using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Friends;
using NearbyFriends.LocationCache;
using NearbyFriends.People;
using NearbyFriends.TestServers;
using NearbyFriends.UnitTests.Client;
using StackExchange.Redis;

namespace NearbyFriends.UnitTests.Consent;

/// <summary>Gateways that read the journal, and one of them that cannot; their heartbeat is in a real Redis.</summary>
public sealed class JournalReaderTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private RedisServer _redis = null!;
    private ConnectionMultiplexer _connection = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _connection = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Who_alone_cannot_read_for_a_minute_is_cut_off()
    {
        var (lonely, other) = (new Reader(this), new Reader(this));
        await lonely.ReadAsync();
        lonely.Source.IsUnavailable = true;

        _clock.Advance(TimeSpan.FromSeconds(59));
        await lonely.ReadAsync();
        Assert.False(lonely.Progress.IsCutOff);

        _clock.Advance(TimeSpan.FromSeconds(1));
        await other.ReadAsync();
        await lonely.ReadAsync();
        Assert.True(lonely.Progress.IsCutOff);
        Assert.False(other.Progress.IsCutOff);

        lonely.Source.IsUnavailable = false;
        await lonely.ReadAsync();
        Assert.False(lonely.Progress.IsCutOff);
    }

    [Fact]
    public async Task When_nobody_can_read_nobody_is_cut_off()
    {
        var reader = new Reader(this);
        await reader.ReadAsync();
        reader.Source.IsUnavailable = true;
        _clock.Advance(TimeSpan.FromMinutes(2));
        await _connection.GetDatabase().KeyDeleteAsync("journal:read"); // as it expires by Redis's clock

        await reader.ReadAsync();

        Assert.False(reader.Progress.IsCutOff);
    }

    [Fact]
    public async Task While_the_cache_is_unavailable_nobody_takes_itself_for_cut_off()
    {
        var reader = new Reader(this);
        await reader.ReadAsync();
        reader.Source.IsUnavailable = true;
        _clock.Advance(TimeSpan.FromMinutes(2));
        await _redis.KillAsync();

        await reader.ReadAsync();

        Assert.False(reader.Progress.IsCutOff);
        Assert.True(reader.Progress.HasRead);
    }

    [Fact]
    public async Task A_read_that_failed_is_repeated_after_a_second_and_others_at_their_pace()
    {
        var (failing, reading) = (new Reader(this), new Reader(this));
        await failing.ReadAsync();
        failing.Source.IsUnavailable = true;

        Assert.Equal(TimeSpan.FromSeconds(1), await failing.PauseAsync());
        Assert.Equal(new FriendOptions().ReadChangesEvery, await reading.PauseAsync());
    }

    [Fact]
    public async Task After_a_standstill_one_read_that_fails_is_not_enough_to_go_on()
    {
        var standstill = new Standstill(_clock);
        var journal = new Reader(this);
        using var reader = journal.Create(_clock, standstill);
        standstill.Tick();
        _clock.Advance(standstill.Shortest);
        standstill.Tick();
        journal.Source.IsUnavailable = true;

        await reader.ReadAsync(TestContext.Current.CancellationToken);
        var afterOne = standstill.IsOver;
        await reader.ReadAsync(TestContext.Current.CancellationToken);

        Assert.False(afterOne);
        Assert.True(standstill.IsOver);
    }

    private sealed class Reader
    {
        private static readonly IOptions<PresenceOptions> Presence = Options.Create(new PresenceOptions());
        private readonly JournalReaderTests _tests;
        private readonly JournalReaders _readers;

        public Reader(JournalReaderTests tests)
        {
            _tests = tests;
            _readers = new(tests._connection);
            Progress = new(tests._clock);
        }

        public JournalProgress Progress { get; }

        public EmptyJournal Source { get; } = new();

        public async Task ReadAsync()
        {
            using var reader = Create(_tests._clock, new Standstill(_tests._clock));
            await reader.ReadAsync(TestContext.Current.CancellationToken);
        }

        /// <summary>Runs until it waits; for how long.</summary>
        public async Task<TimeSpan> PauseAsync()
        {
            var clock = new RecordingClock();
            using var reader = Create(clock, new Standstill(clock));
            await reader.StartAsync(TestContext.Current.CancellationToken);
            await Eventually.True(() => !clock.Pauses.IsEmpty, "it waits for its next read");
            await reader.StopAsync(CancellationToken.None);
            return clock.Pauses.First();
        }

        public JournalReader Create(TimeProvider clock, Standstill standstill) => new(
            Source, changes: null!, Progress, _readers, new RecentlyHidden(Presence, _tests._clock), // there are no changes
            standstill, Options.Create(new FriendOptions()), NullLogger<JournalReader>.Instance);
    }

    /// <summary>Notes for how long somebody wants to wait.</summary>
    private sealed class RecordingClock : TimeProvider
    {
        public ConcurrentQueue<TimeSpan> Pauses { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Pauses.Enqueue(dueTime);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    /// <summary>A source that nothing happens in.</summary>
    private sealed class EmptyJournal : IFriendSource
    {
        public bool IsUnavailable { get; set; }

        public Task<JournalTail> ReadChangesAsync(string? cursor, TimeSpan last, CancellationToken cancellationToken) =>
            IsUnavailable ? throw new TimeoutException("The database is unavailable.") : Task.FromResult(new JournalTail([], null));

        public Task<UserFriends?> LoadAsync(long userId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<UserSharing?> FindSharingAsync(long userId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long[]> LoadBlocksAsync(long userId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long?> FindBySubjectAsync(string subject, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long?> FindByDeviceAsync(string userName, string password, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyDictionary<long, string>> DisplayNamesAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
