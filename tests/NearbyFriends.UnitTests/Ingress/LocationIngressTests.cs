using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Ingress;
using NearbyFriends.Gateway.Telemetry;
using NearbyFriends.LocationCache;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.ServiceDefaults.Telemetry;

namespace NearbyFriends.UnitTests.Ingress;

/// <summary>The way of locations to the sinks, with a cache that answers as the test says.</summary>
public sealed class LocationIngressTests : IAsyncLifetime
{
    private static readonly TimeSpan Window = new FanoutOptions().FrameWindow;

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeMilliseconds(1_764_000_000_000));
    private readonly RecentlyHidden _hidden;
    private readonly RecordingSink _sink = new();
    private readonly List<LocationUpdate[]> _written = [];
    private readonly LocationIngress _ingress;
    private Func<LocationUpdate[], Task<LocationWrite?[]>> _answer = static updates => Task.FromResult(All(LocationWrite.Current, updates));

    public LocationIngressTests()
    {
        _hidden = new(Options.Create(new PresenceOptions()), _clock);
        _ingress = new(
            updates =>
            {
                _written.Add([.. updates]);
                return _answer(_written[^1]);
            },
            _hidden, [new FailingSink(), _sink], new LiveFigures(_clock),
            new UserIdHash(Options.Create(new TelemetryOptions()), Options.Create(new AuthOptions())),
            Options.Create(new FanoutOptions()), _clock, NullLogger<LocationIngress>.Instance);
    }

    public ValueTask InitializeAsync() => new(_ingress.StartAsync(TestContext.Current.CancellationToken));

    public async ValueTask DisposeAsync()
    {
        await _ingress.StopAsync(CancellationToken.None);
        _ingress.Dispose();
    }

    [Fact]
    public void Locations_of_one_window_are_written_together_and_reach_the_sinks_together()
    {
        _ingress.Add([Update(1, second: 1)]);
        _ingress.Add([Update(2, second: 1)]);
        Assert.Empty(_written);

        _clock.Advance(Window);

        Assert.Equal([1, 2], Assert.Single(_written).Select(update => update.UserId));
        Assert.Equal(["1@1 current", "2@1 current"], Assert.Single(_sink.Batches));
    }

    [Fact]
    public async Task Who_waits_for_an_answer_does_not_wait_for_the_window_and_takes_along_what_has_gathered()
    {
        _ingress.Add([Update(1, second: 1)]);

        Assert.Equal(LocationWrite.Current, await _ingress.AddNowAsync([Update(2, second: 1)]));

        Assert.Equal(["1@1 current", "2@1 current"], Assert.Single(_sink.Batches));
    }

    [Fact]
    public async Task A_location_that_the_cache_refused_as_older_is_history_only()
    {
        _answer = updates => Task.FromResult(All(LocationWrite.Older, updates));

        Assert.Equal(LocationWrite.Older, await _ingress.AddNowAsync([Update(1, second: 1)]));

        Assert.Equal(["1@1"], Assert.Single(_sink.Batches));
    }

    [Fact]
    public async Task A_location_that_the_cache_refused_as_hidden_reaches_no_sink_and_neither_do_the_others_of_its_message()
    {
        _answer = updates => Task.FromResult<LocationWrite?[]>([LocationWrite.Hidden, LocationWrite.Current]);
        _ingress.Add([Update(1, second: 1), Update(1, second: 2)]);

        await _ingress.AddNowAsync([Update(2, second: 1)]);

        Assert.Equal(["2@1 current"], Assert.Single(_sink.Batches));
    }

    [Fact]
    public async Task Of_points_that_were_gathered_offline_the_newest_is_current_and_the_others_are_history()
    {
        await _ingress.AddNowAsync([Update(1, second: 2), Update(1, second: 3), Update(1, second: 1)]);

        Assert.Equal(["1@3"], Assert.Single(_written).Select(RecordingSink.NameOf));
        Assert.Equal(["1@2", "1@1", "1@3 current"], Assert.Single(_sink.Batches));
    }

    [Fact]
    public async Task A_location_that_is_held_back_is_history_if_the_cache_says_of_the_one_before_that_its_user_does_not_hide()
    {
        var before = Update(1, second: 1).Location;
        _answer = static updates => Task.FromResult(All(LocationWrite.Older, updates));
        Assert.Equal(LocationWrite.Older, await _ingress.AddNowAsync([Update(1, second: 2)], before));
        _answer = static updates => Task.FromResult(All(LocationWrite.Hidden, updates));
        Assert.Equal(LocationWrite.Hidden, await _ingress.AddNowAsync([Update(1, second: 3)], before));
        _answer = static updates => Task.FromResult(All(LocationWrite.Current, updates)); // the cache had lost it
        Assert.Equal(LocationWrite.Current, await _ingress.AddNowAsync([Update(1, second: 4)], before));

        Assert.Equal(["1@1", "1@1", "1@1"], _written.Select(written => RecordingSink.NameOf(Assert.Single(written))));
        Assert.Equal(["1@2", "1@4"], _sink.Batches.SelectMany(batch => batch));
    }

    [Fact]
    public async Task A_cache_that_does_not_answer_keeps_nobody_from_being_seen_and_the_journal_hides_who_hid()
    {
        _answer = static updates => Task.FromResult(new LocationWrite?[updates.Length]);
        _hidden.Add(2, sharingVersion: 1);
        _ingress.Add([Update(1, second: 1)]);

        Assert.Equal(LocationWrite.Hidden, await _ingress.AddNowAsync([Update(2, second: 1)]));

        Assert.Equal(["1@1 current"], Assert.Single(_sink.Batches));
    }

    [Fact]
    public async Task A_cache_that_fails_keeps_nobody_from_being_seen()
    {
        _answer = static _ => throw new InvalidOperationException("not what a cache should do");

        Assert.Equal(LocationWrite.Current, await _ingress.AddNowAsync([Update(1, second: 1)]));

        Assert.Equal(["1@1 current"], Assert.Single(_sink.Batches));
    }

    [Fact]
    public async Task Who_hides_while_the_cache_is_written_reaches_no_sink()
    {
        var answer = new TaskCompletionSource<LocationWrite?[]>();
        _answer = _ => answer.Task;
        var added = _ingress.AddNowAsync([Update(1, second: 1)]);

        _hidden.Add(1, sharingVersion: 1);
        answer.SetResult([LocationWrite.Current]);

        Assert.Equal(LocationWrite.Hidden, await added);
        Assert.Empty(Assert.Single(_sink.Batches));
    }

    [Fact]
    public async Task While_a_batch_is_under_way_others_gather_and_go_as_soon_as_it_is_done()
    {
        var answer = new TaskCompletionSource<LocationWrite?[]>();
        _answer = _ => answer.Task;
        var first = _ingress.AddNowAsync([Update(1, second: 1)]);
        _ingress.Add([Update(1, second: 2)]);
        _clock.Advance(Window);
        Assert.Single(_written);

        _answer = static updates => Task.FromResult(All(LocationWrite.Current, updates));
        answer.SetResult([LocationWrite.Current]);
        await first;
        await _ingress.AddNowAsync([Update(2, second: 1)]);

        Assert.Equal(["1@1 current", "1@2 current", "2@1 current"], _sink.Batches.SelectMany(batch => batch));
    }

    [Fact]
    public async Task What_was_taken_before_a_stop_is_still_delivered()
    {
        _ingress.Add([Update(1, second: 1)]);

        await _ingress.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["1@1 current"], Assert.Single(_sink.Batches));
    }

    private static LocationWrite?[] All(LocationWrite outcome, LocationUpdate[] updates) => Array.ConvertAll(updates, _ => (LocationWrite?)outcome);

    private static LocationUpdate Update(long user, long second) =>
        new(user, SharingVersion: 1, Location.FromDegrees(1, 2, second * 1_000), AccuracyMetres: float.NaN, ReceivedAt: 0);

    private sealed class RecordingSink : ILocationSink
    {
        public List<string[]> Batches { get; } = [];

        public static string NameOf(LocationUpdate update) => $"{update.UserId}@{update.Location.Time / 1_000}";

        public void Take(ReadOnlySpan<TakenUpdate> updates)
        {
            var batch = new List<string>();
            foreach (var taken in updates)
            {
                batch.Add(NameOf(taken.Update) + (taken.IsCurrent ? " current" : ""));
            }

            Batches.Add([.. batch]);
        }
    }

    /// <summary>Its fault is not the others'.</summary>
    private sealed class FailingSink : ILocationSink
    {
        public void Take(ReadOnlySpan<TakenUpdate> updates) => throw new InvalidOperationException("a fault of one sink");
    }
}
