using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using NearbyFriends.Client.Connection;
using NearbyFriends.Client.Wire;

namespace NearbyFriends.Client;

/// <summary>The client's connection: one loop that connects, receives until the end, and judges the end.</summary>
public sealed partial class NearbyClient
{
    /// <summary>So many fresh tokens in a row may be refused before the client gives up.</summary>
    private const int MaxRefusedTokens = 3;

    /// <summary>Two clocks that differ by less are both right.</summary>
    private const long ClockToleranceMs = 2_000;

    /// <summary>Until a session's next token is asked for again when none came.</summary>
    private const long RenewAgainMilliseconds = 30_000;

    /// <summary>How long a gateway has to answer a close, which over a dead network it never does.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<Welcome> _welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<StopReason> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _running;
    private GatewaySocket? _socket;
    private volatile GatewaySocket? _ready;
    private TimeSpan? _flush;
    private int? _radius;
    private int _refusedTokens;
    private string _token = "";
    private double? _renewTokenAt; // by the gateway's clock
    private long? _reconnectAt;
    private long _dialledAt; // by this machine's clock

    /// <summary>Completes with the reason when the client stops for good; never faults.</summary>
    public Task<StopReason> Completion => _stopped.Task;

    /// <summary>
    /// Connects, trying again as long as that can help, and keeps the connection until <see cref="DisposeAsync"/>.
    /// </summary>
    /// <exception cref="NearbyStoppedException">The gateway refuses this user or this client for good.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the client keeps trying until it is disposed.</exception>
    public Task<Welcome> ConnectAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_running is null)
            {
                Pulse.Of(_options.Clock).Join(OnPulse);
                _running = Task.Run(RunAsync, CancellationToken.None);
            }
        }

        return _welcomed.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Says goodbye to the gateway and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ready is { } socket && !_stopping.IsCancellationRequested)
        {
            await socket.CloseAsync();
        }

        await _stopping.CancelAsync();
        await (_running ?? Task.CompletedTask);
        Stop(StopReason.Disposed, null);
    }

    private async Task RunAsync()
    {
        var backoff = new Backoff(_options.BackoffBase, _options.BackoffMax, _options.Random);
        var refresh = false;
        while (!_stopping.IsCancellationRequested)
        {
            var started = _options.Clock.GetTimestamp();
            var end = await SessionAsync(refresh);
            if (end.Code != CloseCodes.Normal) // else the client left as planned, and what it sent before arrived
            {
                KeepUnconfirmed();
            }

            if (_stopping.IsCancellationRequested)
            {
                break;
            }

            if (end.Verdict == Verdict.Stop || (end.Verdict == Verdict.RefreshToken && ++_refusedTokens >= MaxRefusedTokens))
            {
                Stop(end.Reason, end.Description);
                return;
            }

            if (_options.Clock.GetElapsedTime(started) >= _options.BackoffMax)
            {
                backoff.Reset();
            }

            refresh = end.Verdict == Verdict.RefreshToken;
            var delay = DelayBefore(backoff, end);
            lock (_gate)
            {
                Reconnecting?.Invoke(this, new(end.Code, Math.Max(1, backoff.Attempt), delay, end.Cause));
            }

            try
            {
                await Task.Delay(delay, _options.Clock, _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
    }

    /// <summary>A planned close and the first refused token need no backoff; everything else does.</summary>
    private TimeSpan DelayBefore(Backoff backoff, in SessionEnd end)
    {
        if (_reconnectAt is { } at)
        {
            _reconnectAt = null;
            return TimeSpan.FromMilliseconds(Math.Max(0, at - UnixNow));
        }

        if (end.Verdict == Verdict.RefreshToken && _refusedTokens == 1)
        {
            return TimeSpan.Zero;
        }

        var delay = backoff.Next();
        return end.RetryAfter > delay ? end.RetryAfter.Value : delay;
    }

    /// <summary>One connection from its token to its end.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever ends a session, the client reconnects; the event carries the cause.")]
    private async Task<SessionEnd> SessionAsync(bool refresh)
    {
        try
        {
            _token = await _options.AccessToken(refresh, _stopping.Token);
            _dialledAt = UnixNow;
            using var socket = await GatewaySocket.ConnectAsync(_options, _token, _stopping.Token);
            _socket = socket;
            using var unwelcomed = new CancellationTokenSource(_options.ConnectTimeout, TimeProvider.System);
            await using var leave = unwelcomed.Token.Register(() => AbandonUnlessWelcomed(socket));
            var (code, description) = await socket.ReceiveAsync(OnMessage, _stopping.Token);
            var (verdict, reason) = CloseCodes.Judge(code);
            return new(code, verdict, reason, description);
        }
        catch (UpgradeRefusedException e)
        {
            var (verdict, reason) = CloseCodes.JudgeHttp(e.Status);
            return new(CloseCodes.Abnormal, verdict, reason, e.Message, e, e.RetryAfter);
        }
        catch (Exception e)
        {
            return new(CloseCodes.Abnormal, Verdict.Retry, default, e.Message, e);
        }
        finally
        {
            _socket = _ready = null;
            FailPage("disconnected", "The connection ended before the page came.");
        }
    }

    /// <summary>A gateway that accepts a connection and then says nothing is no better than none.</summary>
    private void AbandonUnlessWelcomed(GatewaySocket socket)
    {
        if (_ready is null)
        {
            socket.Abort();
        }
    }

    private void Stop(StopReason reason, string? description)
    {
        Pulse.Of(_options.Clock).Leave(OnPulse);
        _welcomed.TrySetException(new NearbyStoppedException(reason, description));
        _ = _welcomed.Task.Exception; // observed, whether or not anybody waits
        _stopped.TrySetResult(reason);
        lock (_gate)
        {
            _readers.ForEach(reader => reader.Complete());
        }
    }

    private void OnWelcome(Welcome welcome, GatewaySocket socket)
    {
        // The gateway said it between the dial and now. Where that may be so by what is known of its clock, or by this machine's, that is right.
        var now = UnixNow;
        var known = Interlocked.Read(ref _clockOffset);
        Interlocked.Exchange(ref _clockOffset, Agrees(known) ? known : Agrees(0) ? 0 : welcome.Now - now);
        if (_pace is not null && (welcome.UpdateEveryMs, welcome.InactiveAfterMs) != (Welcome?.UpdateEveryMs, Welcome?.InactiveAfterMs))
        {
            _pace = NewPace(welcome);
        }

        Welcome = welcome;
        _refusedTokens = 0;
        List.SetInactiveAfter(welcome.InactiveAfterMs);
        SetSharing(welcome.Sharing); // it may have ended while there was no session
        Strangers.BeginSession();
        _ready = socket;
        _renewTokenAt = TokenRenewal.At(_token, Now);
        _sent.Take(); // the last session ended as planned
        _ = ResumeAsync(socket);
        _welcomed.TrySetResult(welcome);
        Connected?.Invoke(this, welcome);

        bool Agrees(long offset) => welcome.Now > _dialledAt + offset - ClockToleranceMs && welcome.Now < now + offset + ClockToleranceMs;
    }

    /// <summary>Brings a new session to where the old one was.</summary>
    private async Task ResumeAsync(GatewaySocket socket)
    {
        try
        {
            if (_radius is { } radius)
            {
                await socket.SendAsync(new RadiusMessage(radius), WireJson.Default.RadiusMessage, _stopping.Token);
            }

            if (_flush is { } flush)
            {
                await socket.SendAsync(new PaceMessage((int)flush.TotalMilliseconds), WireJson.Default.PaceMessage, _stopping.Token);
            }

            await (_following ? socket.SendAsync(Follow, WireJson.Default.PlainMessage, _stopping.Token).AsTask() : SendLocationsAsync(socket));
            if (_background)
            {
                await socket.SendAsync(new PlainMessage("background"), WireJson.Default.PlainMessage, _stopping.Token);
            }

            if (_strangersRadius > 0)
            {
                await socket.SendAsync(new ShowStrangersMessage(_strangersRadius), WireJson.Default.ShowStrangersMessage, _stopping.Token);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // Gone again: the receiving side reconnects, and resuming starts over.
        }
    }

    private void RenewTokenIfDue()
    {
        GatewaySocket socket;
        lock (_gate)
        {
            if (_ready is not { } ready || !(_renewTokenAt <= Now))
            {
                return;
            }

            (socket, _renewTokenAt) = (ready, null);
        }

        _ = RenewTokenAsync(socket);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever kept the fresh token away, the client asks again.")]
    private async Task RenewTokenAsync(GatewaySocket socket)
    {
        double? next;
        try
        {
            var token = await _options.AccessToken(true, _stopping.Token);
            await socket.SendAsync(new TokenMessage(token), WireJson.Default.TokenMessage, _stopping.Token);
            next = TokenRenewal.At(token, Now);
        }
        catch (Exception)
        {
            next = Now + RenewAgainMilliseconds;
        }

        lock (_gate)
        {
            _renewTokenAt = ReferenceEquals(_ready, socket) ? next : _renewTokenAt;
        }
    }

    /// <summary>
    /// The gateway will close soon and spreads its sessions over time: this one leaves when told to, and without the gateway's answer if that
    /// takes longer than <see cref="CloseTimeout"/>.
    /// </summary>
    private async Task LeaveAfterAsync(GatewaySocket socket, TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, _options.Clock, _stopping.Token);
            if (ReferenceEquals(_socket, socket))
            {
                await socket.CloseAsync();
                await Task.Delay(CloseTimeout, TimeProvider.System, _stopping.Token);
                if (ReferenceEquals(_socket, socket))
                {
                    socket.Abort();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The client stops anyway.
        }
    }

    private readonly record struct SessionEnd(
        int Code, Verdict Verdict, StopReason Reason, string? Description, Exception? Cause = null, TimeSpan? RetryAfter = null);
}
