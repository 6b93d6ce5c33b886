using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NearbyFriends.Client.Http;

namespace NearbyFriends.Client.Connection;

/// <summary>The gateway answered the upgrade with something else.</summary>
internal sealed class UpgradeRefusedException(HttpStatusCode status, TimeSpan? retryAfter, Exception cause)
    : Exception($"The gateway answered {(int)status} instead of the upgrade.", cause)
{
    public int Status => (int)status;

    public TimeSpan? RetryAfter => retryAfter;
}

/// <summary>
/// One WebSocket to a gateway: JSON messages out, whole messages in. While nothing arrives it holds no receive buffer,
/// so that tens of thousands of idle connections fit one process.
/// </summary>
internal sealed class GatewaySocket : IDisposable
{
    /// <summary>More than any list of 5,000 friends; what is longer is not a gateway's.</summary>
    private const int MaxMessageBytes = 16 * 1024 * 1024;

    private readonly ClientWebSocket _socket;
    private readonly SemaphoreSlim _sending = new(1, 1);

    private GatewaySocket(ClientWebSocket socket) => _socket = socket;

    /// <exception cref="UpgradeRefusedException">The gateway answered, but not with an upgrade.</exception>
    /// <exception cref="WebSocketException">There is no gateway, or it did not answer.</exception>
    public static async Task<GatewaySocket> ConnectAsync(NearbyClientOptions options, string accessToken, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol("nearbyfriends.v1.json");
            socket.Options.SetRequestHeader("Authorization", "Bearer " + accessToken);
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.KeepAliveInterval = options.KeepAlive;
            if (options.KeepAlive > TimeSpan.Zero)
            {
                socket.Options.KeepAliveTimeout = options.KeepAlive;
            }

            using var timeout = new CancellationTokenSource(options.ConnectTimeout, TimeProvider.System);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            await socket.ConnectAsync(AddressOf(options.Gateway), options.Invoker ?? SharedInvoker.Instance, either.Token);
            return new GatewaySocket(socket);
        }
        catch (Exception e)
        {
            var (status, headers) = (socket.HttpStatusCode, socket.HttpResponseHeaders);
            socket.Dispose();
            if (status is not (default(HttpStatusCode) or HttpStatusCode.SwitchingProtocols))
            {
                throw new UpgradeRefusedException(status, RetryAfter.Of(headers, options.Clock.GetUtcNow()), e);
            }

            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new WebSocketException($"No answer within {options.ConnectTimeout.TotalSeconds:0} s.", e);
            }

            throw;
        }
    }

    /// <summary>Sends one message; concurrent callers take turns.</summary>
    /// <exception cref="WebSocketException">The connection is gone.</exception>
    public async ValueTask SendAsync<T>(T message, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(message, type);
            // A cancelled send would abort the connection.
            await _socket.SendAsync(bytes, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, CancellationToken.None);
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            // The connection was aborted before the send or, as nobody can cancel that, meanwhile.
            throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely, e);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Hands each message to <paramref name="received"/> until the connection ends; gives the close code.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the connection is aborted.</exception>
    public async Task<(int Code, string? Description)> ReceiveAsync(Action<ReadOnlySpan<byte>> received, CancellationToken cancellationToken)
    {
        while (true)
        {
            // An empty buffer waits for data without holding memory.
            var arrived = await _socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken);
            if (arrived.MessageType == WebSocketMessageType.Close)
            {
                return await ClosedAsync();
            }

            if (arrived.EndOfMessage)
            {
                continue; // an empty message
            }

            var buffer = ArrayPool<byte>.Shared.Rent(4096);
            try
            {
                var length = 0;
                while (true)
                {
                    var part = await _socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                    if (part.MessageType == WebSocketMessageType.Close)
                    {
                        return await ClosedAsync();
                    }

                    length += part.Count;
                    if (part.EndOfMessage)
                    {
                        break;
                    }

                    if (length == buffer.Length)
                    {
                        buffer = Grow(buffer);
                    }
                }

                received(buffer.AsSpan(0, length));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Says goodbye; <see cref="ReceiveAsync"/> then ends with the gateway's answer.</summary>
    public async Task CloseAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2), TimeProvider.System);
        try
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, deadline.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            _socket.Abort();
        }
    }

    /// <summary>Breaks the connection; <see cref="ReceiveAsync"/> then throws.</summary>
    public void Abort() => _socket.Abort();

    public void Dispose() => _socket.Dispose();

    private async Task<(int Code, string? Description)> ClosedAsync()
    {
        if (_socket.State == WebSocketState.CloseReceived)
        {
            await CloseAsync();
        }

        return ((int)(_socket.CloseStatus ?? WebSocketCloseStatus.Empty), _socket.CloseStatusDescription);
    }

    private static byte[] Grow(byte[] buffer)
    {
        if (buffer.Length >= MaxMessageBytes)
        {
            throw new WebSocketException($"A message is longer than {MaxMessageBytes} bytes.");
        }

        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private static Uri AddressOf(Uri gateway)
    {
        var builder = new UriBuilder(new Uri(gateway, "v1/ws"));
        builder.Scheme = builder.Scheme switch { "http" => "ws", "https" => "wss", var other => other };
        return builder.Uri;
    }

    private static class SharedInvoker
    {
        public static readonly HttpMessageInvoker Instance = new(new SocketsHttpHandler { UseCookies = false, UseProxy = true });
    }
}
