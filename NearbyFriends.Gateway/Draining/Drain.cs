using Microsoft.Extensions.Options;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.Gateway.Draining;

/// <summary>
/// Sends the clients of this gateway to the others, because it stops or because an operator asks for it, in three steps. First only
/// its readiness fails, and balancers turn to other gateways (<see cref="GatewayOptions.DrainDelay"/>). Then it refuses new sessions.
/// Then it closes the open ones at <see cref="GatewayOptions.DrainPerSecond"/>, with 1012; each is told when to connect again.
/// </summary>
/// <remarks>
/// If the process dies meanwhile, the remaining clients see a broken connection and reconnect with the jitter of their backoff.
/// After <see cref="GatewayOptions.DrainTime"/>, or when the host's shutdown timeout ends (<see cref="DrainRegistration"/> makes it
/// longer), the remaining sessions are closed at once, but still told to reconnect no faster than at this rate.
/// </remarks>
/// <param name="open">The sessions open now.</param>
/// <param name="options">Delay, rate and longest time.</param>
/// <param name="clock">Times all of them.</param>
/// <param name="logger">Reports each step.</param>
public sealed partial class Drain(Func<IEnumerable<Session>> open, IOptions<GatewayOptions> options, TimeProvider clock, ILogger<Drain> logger)
    : IHostedLifecycleService, IDisposable
{
    private readonly Lock _gate = new();
    private readonly DrainPace _pace = new(options.Value.DrainPerSecond);
    private readonly CancellationTokenSource _hurry = new();
    private CancellationTokenSource? _takenBack;
    private Task _drained = Task.CompletedTask;
    private bool _isStopping;

    /// <summary>Whether readiness fails.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>Whether new sessions are refused.</summary>
    public bool RefusesSessions { get; private set; }

    /// <summary>Begins to drain; no effect when it drains already.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (!IsDraining)
            {
                IsDraining = true;
                LogBegun(options.Value.DrainDelay);
                _takenBack = new CancellationTokenSource();
                _drained = RunAsync(_takenBack.Token);
            }
        }
    }

    /// <summary>Takes sessions again, unless the gateway stops; the sessions that are still open stay.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (IsDraining && !_isStopping)
            {
                IsDraining = RefusesSessions = false;
                LogEnded();
                _takenBack!.Cancel();
                _takenBack.Dispose();
                _takenBack = null;
            }
        }
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _isStopping = true;
        }

        Begin();
        await using var timeout = cancellationToken.Register(_hurry.Cancel);
        await _drained;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _takenBack?.Dispose();
        _hurry.Dispose();
    }

    private async Task RunAsync(CancellationToken takenBack)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(takenBack, _hurry.Token);
        await PauseAsync(options.Value.DrainDelay, waiting.Token);
        lock (_gate)
        {
            if (takenBack.IsCancellationRequested)
            {
                return;
            }

            RefusesSessions = true; // before the open sessions are listed, so that none is missed
        }

        using var deadline = new CancellationTokenSource(options.Value.DrainTime, clock);
        using var sending = CancellationTokenSource.CreateLinkedTokenSource(waiting.Token, deadline.Token);
        await SendAwayAsync(open().ToArray(), takenBack, sending.Token);
    }

    /// <summary>Closes sessions at the pace until <paramref name="ended"/>, then the rest at once unless the drain is taken back.</summary>
    private async Task SendAwayAsync(Session[] sessions, CancellationToken takenBack, CancellationToken ended)
    {
        LogSending(sessions.Length, _pace.TimeFor(sessions.Length));
        var closing = new List<Task>(sessions.Length);
        while (closing.Count < sessions.Length && !ended.IsCancellationRequested)
        {
            closing.AddRange(sessions.Skip(closing.Count).Take(_pace.BatchSize).Select(SendAwayAsync));
            await PauseAsync(_pace.BatchTime, ended);
        }

        if (closing.Count < sessions.Length && !takenBack.IsCancellationRequested)
        {
            LogCutShort(sessions.Length - closing.Count);
            closing.AddRange(sessions.Skip(closing.Count).Select(SendAwayAsync));
        }

        await Task.WhenAll(closing);
        LogDone(closing.Count);
    }

    private Task SendAwayAsync(Session session, int position) =>
        session.CloseAsync(CloseCodes.ServiceRestart, "The gateway is draining.", last: session.Format.Reconnect(_pace.ReconnectAfterMs(position)));

    private async Task PauseAsync(TimeSpan time, CancellationToken ended) =>
        await Task.Delay(time, clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(LogLevel.Information, "Draining: not ready any more; new sessions are taken for another {Delay}.")]
    private partial void LogBegun(TimeSpan delay);

    [LoggerMessage(LogLevel.Information, "Draining: new sessions are refused, {Sessions} open ones are closed over {Time}.")]
    private partial void LogSending(int sessions, TimeSpan time);

    [LoggerMessage(LogLevel.Warning, "The drain took too long: {Sessions} sessions are closed at once.")]
    private partial void LogCutShort(int sessions);

    [LoggerMessage(LogLevel.Information, "Draining: {Sessions} sessions were closed.")]
    private partial void LogDone(int sessions);

    [LoggerMessage(LogLevel.Information, "No longer draining; the sessions that are still open stay.")]
    private partial void LogEnded();
}
