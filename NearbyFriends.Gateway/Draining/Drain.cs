using Microsoft.Extensions.Options;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.Gateway.Draining;

/// <summary>
/// Sends the clients of this gateway elsewhere, because it stops or because an operator wants it: each is told to
/// reconnect after a moment of its own, so that they do not all arrive at once, and closed with 1012. New sessions are
/// refused meanwhile.
/// </summary>
public sealed partial class Drain(SessionRegistry sessions, IOptions<GatewayOptions> options, TimeProvider clock, ILogger<Drain> logger)
    : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan ShortestStep = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private CancellationTokenSource? _draining;
    private Task _sent = Task.CompletedTask;
    private bool _isStopping;

    /// <summary>Whether new sessions are refused.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>Begins to drain, over <see cref="GatewayOptions.DrainTime"/>; nothing when it drains already.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (!IsDraining)
            {
                IsDraining = true;
                LogBegun(sessions.Count);
                _draining = new CancellationTokenSource();
                _sent = SendAwayAsync(options.Value.DrainTime, _draining.Token);
            }
        }
    }

    /// <summary>Takes sessions again, unless the gateway stops; whoever was not sent away yet stays.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (IsDraining && !_isStopping)
            {
                IsDraining = false;
                LogEnded(sessions.Count);
                _draining!.Cancel();
                _draining.Dispose();
                _draining = null;
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
        await using var hurry = cancellationToken.Register(() => _draining!.Cancel());
        await _sent;
        await SendAwayAsync(TimeSpan.Zero, CancellationToken.None); // whoever is left, at once
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _draining?.Dispose();

    private async Task SendAwayAsync(TimeSpan over, CancellationToken ended)
    {
        var open = sessions.All.ToArray();
        var size = Math.Max(1, (int)Math.Ceiling(open.Length / Math.Max(1, over / ShortestStep)));
        var step = over * size / Math.Max(1, open.Length);
        var closing = new List<Task>(open.Length);
        foreach (var batch in open.Chunk(size))
        {
            if (ended.IsCancellationRequested)
            {
                break;
            }

            foreach (var session in batch)
            {
                session.Send(session.Format.Reconnect(Random.Shared.Next(100, 2_000)));
                closing.Add(session.CloseAsync(CloseCodes.ServiceRestart, "The gateway is draining."));
            }

            if (closing.Count < open.Length)
            {
                await Task.Delay(step, clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await Task.WhenAll(closing);
    }

    [LoggerMessage(LogLevel.Information, "Draining: new sessions are refused, and {Sessions} sent elsewhere.")]
    private partial void LogBegun(int sessions);

    [LoggerMessage(LogLevel.Information, "No longer draining; {Sessions} sessions stayed.")]
    private partial void LogEnded(int sessions);
}
