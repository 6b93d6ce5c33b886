using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Telemetry;
using NearbyFriends.LocationCache;
using NearbyFriends.ServiceDefaults.Telemetry;

namespace NearbyFriends.Gateway.Ingress;

/// <summary>Writes locations to the location cache; null for each that the cache did not answer.</summary>
public delegate Task<LocationWrite?[]> WriteLocations(IReadOnlyList<LocationUpdate> updates);

/// <summary>
/// The one way of locations into the system: they wait for others for at most a <see cref="FanoutOptions.FrameWindow"/>, are
/// written to the location cache together, and those that the cache took go to the sinks. So nothing is shown or stored that the
/// cache refused.
/// </summary>
/// <remarks>
/// One batch is under way at a time, so each user's locations stay in order. A round trip a window, in place of one an update,
/// is what makes it cheap: each wakes several threads on both sides. Where the cache does not answer, the journal alone decides
/// who hides. If this process dies, what waits is lost with it: the next update of each user replaces it.
/// </remarks>
public sealed partial class LocationIngress : IHostedService, IDisposable
{
    private readonly WriteLocations _write;
    private readonly RecentlyHidden _hidden;
    private readonly ILocationSink[] _sinks;
    private readonly LiveFigures _figures;
    private readonly UserIdHash _hash;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _window;
    private readonly ILogger<LocationIngress> _logger;
    private readonly LogThrottle _writeFailures;
    private readonly Dictionary<ILocationSink, LogThrottle> _sinkFailures;
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private List<Arrival> _arrivals = [];
    private bool _goesOn; // another batch is due as soon as this one is done
    private Task? _processing;

    // Of the batch under way.
    private List<Arrival> _batch = [];
    private readonly List<LocationUpdate> _newest = [];
    private readonly List<TakenUpdate> _taken = [];
    private readonly List<Activity> _writes = []; // spans, of the messages that are sampled

    public LocationIngress(
        WriteLocations write, RecentlyHidden hidden, IEnumerable<ILocationSink> sinks, LiveFigures figures, UserIdHash hash,
        IOptions<FanoutOptions> options, TimeProvider clock, ILogger<LocationIngress> logger)
    {
        (_write, _hidden, _sinks, _figures, _hash) = (write, hidden, [.. sinks], figures, hash);
        (_window, _clock, _logger) = (options.Value.FrameWindow, clock, logger);
        (_writeFailures, _sinkFailures) = (new(clock), _sinks.ToDictionary(sink => sink, _ => new LogThrottle(clock)));
    }

    /// <summary>
    /// Takes checked locations of one user, at least one. One becomes the current location unless a newer one is known; the others
    /// are history only. Never waits.
    /// </summary>
    /// <param name="updates">The locations.</param>
    /// <param name="shown">
    /// The one that becomes current; where the user was before, if none of them is to be shown. By default the newest.
    /// </param>
    public void Add(IReadOnlyList<LocationUpdate> updates, Location? shown = null) => Enter(updates, shown, answer: null);

    /// <summary>The same without waiting for others: when the task ends, the cache has the location and watchers were told.</summary>
    /// <returns>What became of the one that is shown; <see cref="LocationWrite.Hidden"/> if none was kept, because the user hid.</returns>
    /// <inheritdoc cref="Add" path="/param"/>
    public Task<LocationWrite> AddNowAsync(IReadOnlyList<LocationUpdate> updates, Location? shown = null)
    {
        var answer = new TaskCompletionSource<LocationWrite>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enter(updates, shown, answer);
        Begin();
        return answer.Task;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = _clock.CreateTimer(static ingress => ((LocationIngress)ingress!).Begin(), this, _window, _window);
        return Task.CompletedTask;
    }

    /// <summary>Processes what was taken before the stop.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        while (true)
        {
            Begin();
            Task? processing;
            lock (_gate)
            {
                processing = _processing;
            }

            if (processing is null)
            {
                return;
            }

            await processing.WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Enter(IReadOnlyList<LocationUpdate> updates, Location? shown, TaskCompletionSource<LocationWrite>? answer)
    {
        GatewayTelemetry.Updates.Add(updates.Count);
        _figures.Accepted(updates.Count);
        var newest = NewestOf(updates);
        var receipt = BeginReceipt(updates[newest].UserId, updates.Count);
        lock (_gate)
        {
            for (var i = 0; i < updates.Count; i++)
            {
                if (i != newest)
                {
                    _arrivals.Add(new(updates[i], Write: null, null, null));
                }
            }

            _arrivals.Add(new(updates[newest], updates[newest] with { Location = shown ?? updates[newest].Location }, receipt, answer));
        }
    }

    private static int NewestOf(IReadOnlyList<LocationUpdate> updates)
    {
        var newest = 0;
        for (var i = 1; i < updates.Count; i++)
        {
            if (updates[i].Location.Time >= updates[newest].Location.Time) // times ahead of the server are all the time of receipt
            {
                newest = i;
            }
        }

        return newest;
    }

    /// <summary>A span from the receipt to the cache's answer, where the update is sampled.</summary>
    private Activity? BeginReceipt(long userId, int points)
    {
        var before = Activity.Current;
        var receipt = GatewayTelemetry.Activities.StartActivity("receive location", ActivityKind.Server);
        Activity.Current = before; // it ends elsewhere
        if (receipt?.Recorded == true)
        {
            receipt.SetTag("nearbyfriends.user", _hash.Of(userId)).SetTag("nearbyfriends.points", points);
        }

        return receipt;
    }

    /// <summary>Begins with what waits; if a batch is under way, when that one is done.</summary>
    private void Begin()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_processing is not null)
            {
                _goesOn |= _arrivals.Count > 0;
                return;
            }

            if (_arrivals.Count == 0)
            {
                return;
            }

            (_batch, _arrivals) = (_arrivals, _batch);
            _processing = done.Task;
        }

        _ = ProcessAsync(done);
    }

    private async Task ProcessAsync(TaskCompletionSource done)
    {
        try
        {
            foreach (var arrival in _batch)
            {
                if (arrival.Write is { } write)
                {
                    _newest.Add(write);
                }
            }

            TraceWrites();
            var outcomes = await WriteAsync();
            _writes.ForEach(write => write.Dispose());
            Judge(outcomes);
            foreach (var sink in _sinks)
            {
                Hand(sink);
            }

            Answer(outcomes);
        }
        finally
        {
            _batch.Clear();
            _newest.Clear();
            _taken.Clear();
            _writes.Clear();
            bool goesOn;
            lock (_gate)
            {
                _processing = null;
                (goesOn, _goesOn) = (_goesOn, false);
            }

            done.SetResult();
            if (goesOn)
            {
                Begin();
            }
        }
    }

    /// <summary>For each message that is sampled: a span of its wait for others, and one of the write to the cache, which begins now.</summary>
    private void TraceWrites()
    {
        var before = Activity.Current;
        foreach (var arrival in _batch)
        {
            if (arrival.Receipt is not { Recorded: true } receipt)
            {
                continue;
            }

            GatewayTelemetry.Activities.StartActivity("wait for window", ActivityKind.Internal, receipt.Context, startTime: new DateTimeOffset(receipt.StartTimeUtc))?.Dispose();
            if (GatewayTelemetry.Activities.StartActivity("write location-cache", ActivityKind.Client, receipt.Context) is { } write)
            {
                _writes.Add(write.SetTag("db.system.name", "redis").SetTag("db.operation.name", "EVALSHA").SetTag("db.operation.batch.size", _newest.Count));
            }
        }

        Activity.Current = before;
    }

    private async Task<LocationWrite?[]> WriteAsync()
    {
        try
        {
            return await _write(_newest);
        }
        catch (Exception e)
        {
            if (_writeFailures.Add() is > 0 and var count)
            {
                LogNotWritten(e, count);
            }

            return new LocationWrite?[_newest.Count];
        }
    }

    /// <summary>Whether its user hid since, or stopped sharing by an end that has come.</summary>
    private bool IsHidden(in LocationUpdate update) =>
        _hidden.IsHidden(update.UserId, update.SharingVersion) || (update.SharingUntil != 0 && update.SharingUntil <= _clock.UnixMilliseconds());

    /// <summary>Settles what becomes of each message, and lists what goes to the sinks.</summary>
    private void Judge(LocationWrite?[] outcomes)
    {
        var (message, first) = (0, 0);
        for (var i = 0; i < _batch.Count; i++)
        {
            if (_batch[i] is not { Write: { } write, Receipt: var receipt })
            {
                continue;
            }

            var outcome = IsHidden(write) ? LocationWrite.Hidden : outcomes[message] ?? LocationWrite.Current;
            for (; first <= i && outcome != LocationWrite.Hidden; first++)
            {
                var update = _batch[first].Update;
                _taken.Add(new(
                    update, IsCurrent: update.Location == write.Location && outcome == LocationWrite.Current, receipt?.Recorded == true ? receipt.Context : default));
            }

            first = i + 1;
            outcomes[message++] = outcome;
            receipt?.SetTag("nearbyfriends.cache.write", outcome.ToString()).Dispose();
        }
    }

    private void Hand(ILocationSink sink)
    {
        try
        {
            sink.Take(CollectionsMarshal.AsSpan(_taken));
        }
        catch (Exception e)
        {
            if (_sinkFailures[sink].Add() is > 0 and var count)
            {
                LogSinkFailed(e, sink.GetType().Name, count);
            }
        }
    }

    private void Answer(LocationWrite?[] outcomes)
    {
        var message = 0;
        foreach (var arrival in _batch)
        {
            if (arrival.Write is not null)
            {
                arrival.Answer?.SetResult(outcomes[message]!.Value);
                message++;
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "{Count} batches of locations since the last such line could not be written to the location cache; they are delivered nevertheless.")]
    private partial void LogNotWritten(Exception exception, int count);

    [LoggerMessage(LogLevel.Error, "{Count} batches of locations since the last such line were not taken by {Sink}.")]
    private partial void LogSinkFailed(Exception exception, string sink, int count);

    /// <summary>A location that waits.</summary>
    /// <param name="Update">The location.</param>
    /// <param name="Write">What the cache is asked to take for its message, of which it is the last; null for the others, which stand before it.</param>
    /// <param name="Receipt">The span of the message; null where nothing is traced.</param>
    /// <param name="Answer">Who waits for what becomes of it; null where nobody does.</param>
    private readonly record struct Arrival(LocationUpdate Update, LocationUpdate? Write, Activity? Receipt, TaskCompletionSource<LocationWrite>? Answer);
}
