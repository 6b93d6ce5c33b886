using System.Net.Http.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;

namespace NearbyFriends.Fanout.Ring;

/// <summary>Reports that a pub/sub server died or returned: a log event, and a POST to <c>Fanout:AlertWebhook</c> if it is set.</summary>
/// <remarks>
/// The POST is tried three times, with growing pauses, each with a timeout of 5 s; then the alert is dropped and counted.
/// </remarks>
public sealed partial class RingAlert(IOptions<FanoutOptions> options, TimeProvider clock, ILogger<RingAlert> logger) : IDisposable
{
    private const int Attempts = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>A server was declared dead.</summary>
    /// <param name="server">Its name.</param>
    /// <param name="measure">What is done about it, in words.</param>
    /// <param name="epoch">Of the ring with this measure.</param>
    public Task LostAsync(string server, string measure, long epoch)
    {
        RingTelemetry.ServersLost.Add(1, new KeyValuePair<string, object?>("server", server));
        LogLost(server, measure, epoch);
        return PostAsync(new("server-lost", server, measure, epoch, clock.GetUtcNow()));
    }

    /// <summary>A dead server answers again.</summary>
    public Task ReturnedAsync(string server, long epoch)
    {
        RingTelemetry.ServersReturned.Add(1, new KeyValuePair<string, object?>("server", server));
        LogReturned(server);
        return PostAsync(new("server-returned", server, "It is a standby now.", epoch, clock.GetUtcNow()));
    }

    public void Dispose() => _http.Dispose();

    private async Task PostAsync(Alert alert)
    {
        if (options.Value.AlertWebhook is not { Length: > 0 } url)
        {
            return;
        }

        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                using var answer = await _http.PostAsJsonAsync(new Uri(url), alert);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }

                LogNotTaken(attempt, $"status {(int)answer.StatusCode}");
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                LogNotTaken(attempt, e.Message);
            }

            await Task.Delay(Pause * attempt, clock);
        }

        RingTelemetry.AlertsFailed.Add(1);
    }

    [LoggerMessage(7001, LogLevel.Error, "Pub/sub server {Server} is dead: {Measure} (epoch {Epoch}).", EventName = "ServerLost")]
    private partial void LogLost(string server, string measure, long epoch);

    [LoggerMessage(7002, LogLevel.Warning, "Pub/sub server {Server} answers again and is a standby now.", EventName = "ServerReturned")]
    private partial void LogReturned(string server);

    [LoggerMessage(7003, LogLevel.Warning, "Fanout:AlertWebhook did not accept an alert, attempt {Attempt}: {Reason}")]
    private partial void LogNotTaken(int attempt, string reason);

    private sealed record Alert(string Kind, string Server, string Measure, long Epoch, DateTimeOffset At);
}
