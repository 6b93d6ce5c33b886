using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NearbyFriends.Client.Connection;

namespace NearbyFriends.UnitTests.Client;

/// <summary>A WebSocket server that says what a test tells it to, in the words of the contract.</summary>
public sealed class ScriptedGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<Session> _sessions = Channel.CreateUnbounded<Session>();

    private ScriptedGateway(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>What the next requests are answered with instead of an upgrade: a status, and a Retry-After.</summary>
    public Queue<(int Status, string? RetryAfter)> Refusals { get; } = [];

    /// <summary>What becomes of a connection that the client closes.</summary>
    public CloseAnswer CloseAnswer { get; set; } = CloseAnswer.Closes;

    /// <summary>What the <c>Date</c> of its refusals tells.</summary>
    private TimeProvider Clock { get; init; } = TimeProvider.System;

    public static async Task<ScriptedGateway> StartAsync(TimeProvider? clock = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var gateway = new ScriptedGateway(builder.Build()) { Clock = clock ?? TimeProvider.System };
        gateway._app.UseWebSockets();
        gateway._app.MapGet("/v1/ws", gateway.AcceptAsync);
        await gateway._app.StartAsync();
        return gateway;
    }

    /// <summary>The session that connects next.</summary>
    public async Task<Session> NextAsync() => await _sessions.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>Whether there is a session that <see cref="NextAsync"/> would give at once.</summary>
    public bool HasNext => _sessions.Reader.Count > 0;

    /// <summary>A client of this gateway that waits milliseconds where others wait seconds.</summary>
    public NearbyClientOptions Options(TimeProvider? clock = null) => new()
    {
        Gateway = Address,
        AccessToken = (refresh, _) => ValueTask.FromResult(refresh ? "fresh" : "cached"),
        BackoffBase = TimeSpan.FromMilliseconds(20),
        BackoffMax = TimeSpan.FromMilliseconds(100),
        Clock = clock ?? TimeProvider.System,
    };

    public async ValueTask DisposeAsync()
    {
        using var impatient = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(impatient.Token);
        await _app.DisposeAsync();
    }

    private async Task AcceptAsync(HttpContext context)
    {
        if (Refusals.TryDequeue(out var refusal))
        {
            context.Response.StatusCode = refusal.Status;
            context.Response.Headers.RetryAfter = refusal.RetryAfter;
            context.Response.Headers.Date = Clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync("nearbyfriends.v1.json");
        var session = new Session(socket, context, CloseAnswer);
        _sessions.Writer.TryWrite(session);
        await session.Ended;
    }

    public sealed class Session
    {
        private readonly WebSocket _socket;
        private readonly HttpContext _context;
        private readonly CloseAnswer _closeAnswer;
        private readonly Channel<JsonElement> _received = Channel.CreateUnbounded<JsonElement>();

        internal Session(WebSocket socket, HttpContext context, CloseAnswer closeAnswer)
        {
            (_socket, _context, _closeAnswer, Token) = (socket, context, closeAnswer, context.Request.Headers.Authorization.ToString());
            Ended = ReceiveAllAsync();
        }

        /// <summary>Completes when the connection has ended, whichever side ended it.</summary>
        public Task Ended { get; }

        public string Token { get; }

        /// <summary>The client's messages that nobody has received; a <c>closed</c> of our own follows the last.</summary>
        public ChannelReader<JsonElement> Received => _received.Reader;

        public Task WelcomeAsync(long now, int inactiveAfterMs = 600_000, bool sharing = true) => SendAsync(
            $$"""
            {"type":"welcome","userId":"7","sessionId":"s","sharing":{{(sharing ? "true" : "false")}},"radius":8047,"pageSize":20,"flushMs":2000,
             "updateEveryMs":30000,"inactiveAfterMs":{{inactiveAfterMs}},"now":{{now}},"surprise":[1]}
            """);

        public async Task SendAsync(string json) =>
            await _socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, CancellationToken.None);

        /// <summary>The client's next message.</summary>
        public async Task<JsonElement> ReceiveAsync() => await _received.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        public async Task<string> ReceiveTypeAsync() => (await ReceiveAsync()).GetProperty("type").GetString()!;

        public async Task CloseAsync(int code)
        {
            await _socket.CloseOutputAsync((WebSocketCloseStatus)code, "scripted", CancellationToken.None);
            await Ended;
        }

        public void Abort()
        {
            if (!Ended.IsCompleted)
            {
                _context.Abort();
            }
        }

        private async Task ReceiveAllAsync()
        {
            try
            {
                while (await NextAsync() is { } message)
                {
                    _received.Writer.TryWrite(message);
                }

                if (_socket.State == WebSocketState.CloseReceived)
                {
                    await AnswerCloseAsync();
                }
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
            {
                // The connection was aborted.
            }

            _received.Writer.TryWrite(JsonElement.Parse("""{"type":"closed"}"""));
        }

        private async Task AnswerCloseAsync()
        {
            switch (_closeAnswer)
            {
                case CloseAnswer.Closes:
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    break;
                case CloseAnswer.Breaks:
                    _context.Abort();
                    break;
                case CloseAnswer.None:
                    await Task.Delay(Timeout.InfiniteTimeSpan, _context.RequestAborted);
                    break;
            }
        }

        private async Task<JsonElement?> NextAsync()
        {
            var buffer = new byte[64 * 1024];
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += part.Count;
            }
            while (!part.EndOfMessage);
            return part.MessageType == WebSocketMessageType.Close ? null : JsonElement.Parse(buffer.AsSpan(0, length));
        }
    }
}

/// <summary>What a <see cref="ScriptedGateway"/> does when a client closes its connection.</summary>
public enum CloseAnswer
{
    /// <summary>It closes, too.</summary>
    Closes,

    /// <summary>The connection breaks.</summary>
    Breaks,

    /// <summary>Nothing comes back, as over a dead network.</summary>
    None,
}
