using System.Buffers;
using System.Globalization;
using System.Text;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.Gateway.Transports;

/// <summary>
/// A client that reads server-sent events, for networks that block WebSockets: each message is an event named by its type.
/// Source: HTML standard, section "Server-sent events".
/// </summary>
/// <param name="http">The request.</param>
/// <param name="pingEvery">Silence after which a comment is sent.</param>
/// <param name="clock">Tells how long that is.</param>
public sealed class EventStreamTransport(HttpContext http, TimeSpan pingEvery, TimeProvider clock) : Transport, IDisposable
{
    private readonly SemaphoreSlim _writing = new(1); // messages and pings
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long _saidAt = clock.GetTimestamp();

    public override MessageFormat Format => MessageFormat.Json;

    /// <summary>Ends when the server closed the stream.</summary>
    public Task Closed => _closed.Task;

    public override ValueTask SendAsync(MessageBuffer message) => WriteAsync(message);

    /// <summary>Sends a comment after long silence, which keeps NATs open and finds out whether the peer is still there.</summary>
    public override void KeepAlive()
    {
        if (clock.GetElapsedTime(_saidAt) >= pingEvery)
        {
            _saidAt = clock.GetTimestamp();
            _ = PingAsync();
        }
    }

    /// <summary>A stream has no close codes, so the code travels as a last event <c>close</c>.</summary>
    public override async Task CloseAsync(int code, string reason)
    {
        try
        {
            using var message = MessageBuffer.Rent("close");
            var text = string.Create(CultureInfo.InvariantCulture, $"{{\"type\":\"close\",\"code\":{code},\"reason\":");
            Encoding.ASCII.GetBytes(text, message);
            message.Text(reason);
            message.Raw("}"u8);
            await SendAsync(message).AsTask().WaitAsync(TimeSpan.FromSeconds(2));
        }
        catch (Exception)
        {
            http.Abort(); // it does not take even this, or is gone already
        }

        _closed.TrySetResult();
    }

    public void Dispose() => _writing.Dispose();

    /// <summary>Writes a message, or a comment where there is none.</summary>
    private async ValueTask WriteAsync(MessageBuffer? message)
    {
        await _writing.WaitAsync(http.RequestAborted);
        try
        {
            var writer = http.Response.BodyWriter;
            if (message is null)
            {
                writer.Write(":\n\n"u8);
            }
            else
            {
                writer.Write("event: "u8);
                Encoding.ASCII.GetBytes(message.Type, writer);
                writer.Write("\ndata: "u8);
                writer.Write(message.Written.Span); // JSON has no line breaks of its own
                writer.Write("\n\n"u8);
            }

            _saidAt = clock.GetTimestamp();
            await writer.FlushAsync(http.RequestAborted);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task PingAsync()
    {
        try
        {
            await WriteAsync(message: null);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or IOException)
        {
            // the peer is gone
        }
    }
}
