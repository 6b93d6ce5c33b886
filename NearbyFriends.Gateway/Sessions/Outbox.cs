using System.Diagnostics;
using NearbyFriends.Core;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Telemetry;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// What leaves a session: messages in order, one under way at a time, and the list's changes whenever the pace allows.
/// </summary>
/// <remarks>
/// The changes are not queued: they gather in the session's list, at most one a friend, and <paramref name="flush"/> writes them
/// as one message when the socket is free. So a slow client gets fewer and fuller messages. No lock is held while a message is
/// sent, nor while <paramref name="flush"/> runs; the session may call this under its own lock, never the other way round.
/// </remarks>
/// <param name="transport">The way to the client.</param>
/// <param name="context">What all sessions share.</param>
/// <param name="flush">Writes the changes that wait, if any, and gives them to <see cref="EnqueueFlush"/>.</param>
public sealed class Outbox(Transport transport, SessionContext context, Action flush)
{
    /// <summary>Messages that may wait for a slow client; a client that asks on without reading is cut off.</summary>
    private const int MaxMessages = 256;

    /// <summary>How long a last message waits for the one under way.</summary>
    private static readonly TimeSpan LastMessageTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Queue<MessageBuffer> _messages = new(4);
    private long _flushEveryMs = (long)context.Options.Flush.TotalMilliseconds;
    private long _lastFlush;
    private bool _isFlushScheduled;
    private bool _isFlushDue;
    private bool _hasWaited; // the flush that is due, for its tick
    private bool _isSending;
    private bool _isClosed;
    private long _sendingSince;
    private int _isClosing;
    private TaskCompletionSource? _lastMessage; // set once it takes no message any more; ends when its last one was sent or cannot be
    private Activity? _traced; // the span of the oldest update that waits, if that update is traced

    /// <summary>Least milliseconds between two flushes.</summary>
    public long FlushEveryMs
    {
        get => Volatile.Read(ref _flushEveryMs);
        set => Volatile.Write(ref _flushEveryMs, value);
    }

    /// <summary>Whether a message is under way, or waits for it.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_gate)
            {
                return _isSending || _messages.Count > 0;
            }
        }
    }

    /// <summary>Sends a message as soon as those before it are gone.</summary>
    public void Send(MessageBuffer message)
    {
        Enqueue(message);
        Pump();
    }

    /// <summary>Sends a message, and calls <paramref name="whenReceived"/> once the client was heard of after it was sent.</summary>
    public void Send(MessageBuffer message, Action whenReceived)
    {
        message.Sent = () => transport.WhenHeard(whenReceived);
        Send(message);
    }

    /// <summary>Puts a message behind the others; <see cref="Pump"/> sends it.</summary>
    public void Enqueue(MessageBuffer message)
    {
        lock (_gate)
        {
            if (!_isClosed && _lastMessage is null)
            {
                _messages.Enqueue(message);
                return;
            }
        }

        message.Dispose();
    }

    /// <summary>Puts the changes of the list behind the other messages; the pace counts from now, or from the tick that this flush waited for.</summary>
    public void EnqueueFlush(MessageBuffer message)
    {
        lock (_gate)
        {
            var now = context.Monotonic;
            _lastFlush = _hasWaited ? now - (now % context.Flushes.TickMs) : now; // else the few milliseconds since the tick would cost the next one
        }

        Enqueue(message);
    }

    /// <summary>There are changes to tell. True if the pace allows it now, and <see cref="Pump"/> is to be called; else they leave in time by themselves.</summary>
    public bool RequestFlush()
    {
        if (Volatile.Read(ref _isFlushScheduled))
        {
            return false; // whoever takes the flush waits for the session's lock, which the caller holds
        }

        lock (_gate)
        {
            if (_isFlushScheduled || _isFlushDue)
            {
                return _isFlushDue;
            }

            var dueAt = _lastFlush + _flushEveryMs;
            (_isFlushDue, _hasWaited) = (dueAt <= context.Monotonic, false);
            _isFlushScheduled = !_isFlushDue;
            _traced ??= GatewayTelemetry.TraceOutbox();
            if (_isFlushScheduled)
            {
                context.Flushes.Add(this, dueAt);
            }

            return _isFlushDue;
        }
    }

    /// <summary>The pace allows a flush, or it need not wait for the pace.</summary>
    public void FlushDue()
    {
        lock (_gate)
        {
            (_hasWaited, _isFlushScheduled, _isFlushDue) = (_isFlushScheduled, false, true);
        }

        Pump();
    }

    /// <summary>Sends what there is, one message after the other, without waiting for a socket that is not ready.</summary>
    public void Pump()
    {
        while (Next() is { } message)
        {
            ValueTask sending;
            try
            {
                sending = transport.SendAsync(message);
            }
            catch (Exception)
            {
                Sent(message, failed: true);
                return;
            }

            if (!sending.IsCompletedSuccessfully)
            {
                _ = FinishAsync(sending, message);
                return;
            }

            Sent(message, failed: false);
        }
    }

    /// <summary>Whether one message has been under way since before <paramref name="since"/> (milliseconds of the monotonic clock), or too many wait.</summary>
    public bool IsStuck(long since)
    {
        lock (_gate)
        {
            return (_isSending && _sendingSince < since) || _messages.Count > MaxMessages;
        }
    }

    /// <summary>Called every second: keeps the connection alive, or gives it up.</summary>
    public void KeepAlive() => transport.KeepAlive();

    /// <summary>Sends nothing any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            DropMessages();
        }

        _lastMessage?.TrySetResult();
    }

    /// <summary>Closes the connection with a code, once.</summary>
    /// <param name="code">The close code.</param>
    /// <param name="reason">For people.</param>
    /// <param name="last">
    /// A message that the client must have before the code: it takes the place of all that wait, and leaves behind the one under way
    /// unless that takes longer than <see cref="LastMessageTimeout"/>.
    /// </param>
    public async Task CloseConnectionAsync(int code, string reason, MessageBuffer? last = null)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) != 0)
        {
            last?.Dispose();
            return;
        }

        GatewayTelemetry.Closed.Add(1, new KeyValuePair<string, object?>("code", code));
        if (last is not null)
        {
            await SendLastAsync(last);
        }

        await transport.CloseAsync(code, reason);
    }

    private async Task SendLastAsync(MessageBuffer last)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        last.Sent = () => sent.TrySetResult();
        lock (_gate)
        {
            DropMessages();
            Enqueue(last);
            _lastMessage = sent;
            if (_isClosed)
            {
                return;
            }
        }

        Pump();
        await sent.Task.WaitAsync(LastMessageTimeout, context.Clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Under the lock.</summary>
    private void DropMessages()
    {
        while (_messages.TryDequeue(out var message))
        {
            message.Dispose();
        }
    }

    /// <summary>The next message to send, if none is under way. Who gets one is the only one to send until <see cref="Sent"/>.</summary>
    private MessageBuffer? Next()
    {
        lock (_gate)
        {
            if (_isSending || _isClosed)
            {
                return null;
            }

            _isSending = true;
            _sendingSince = context.Monotonic;
        }

        while (true)
        {
            lock (_gate)
            {
                if (_messages.TryDequeue(out var message))
                {
                    return message;
                }

                if (!_isFlushDue || _isClosed || _lastMessage is not null)
                {
                    _isSending = false;
                    return null;
                }

                _isFlushDue = false;
                if (!context.Standstill.IsOver)
                {
                    (_isSending, _isFlushScheduled) = (false, true);
                    context.Flushes.Add(this, context.Monotonic);
                    return null;
                }
            }

            flush();
        }
    }

    private async Task FinishAsync(ValueTask sending, MessageBuffer message)
    {
        var failed = false;
        try
        {
            await sending;
        }
        catch (Exception)
        {
            failed = true; // the connection is gone; its receiving side notices and ends the session
        }

        Sent(message, failed);
        if (!failed)
        {
            Pump();
        }
    }

    private void Sent(MessageBuffer message, bool failed)
    {
        if (!failed)
        {
            GatewayTelemetry.Messages.Add(1);
            if (message.OldestReceivedAt > 0)
            {
                var seconds = Math.Max(0, (context.Clock.UnixMicroseconds() - message.OldestReceivedAt) / 1e6);
                GatewayTelemetry.FanoutLatency.Record(seconds, GatewayTelemetry.ToSocket);
                context.Figures.Sent(seconds);
                Interlocked.Exchange(ref _traced, null)?.Dispose();
            }
        }

        var sent = failed ? null : message.Sent;
        message.Dispose();
        lock (_gate)
        {
            _isSending = failed; // nothing more leaves through a broken connection
        }

        sent?.Invoke();
        if (failed)
        {
            _lastMessage?.TrySetResult();
        }
    }
}
