using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using NearbyFriends.Tools;

namespace NearbyFriends.Ops;

/// <summary>A call to <c>/v1/ops</c>.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Behind <c>/v1/ops/</c>.</param>
/// <param name="Body">Sent as JSON; nothing when null.</param>
public sealed record OpsRequest(HttpMethod Method, string Path, object? Body = null);

/// <summary>What an operator can do something about, in a sentence.</summary>
public sealed class OpsException(string message) : Exception(message);

/// <summary>A gateway, as operators talk to it.</summary>
public sealed class OpsClient : IDisposable
{
    /// <summary>The environment variable with the operator key.</summary>
    public const string KeyVariable = "NEARBY_OPERATOR_KEY";

    /// <summary>The environment variable with the address of a gateway.</summary>
    public const string GatewayVariable = "NEARBY_GATEWAY";

    /// <summary>Of NearbyFriends.AppHost: there Aspire keeps the parameters that it generated.</summary>
    private const string AppHostSecrets = "nearbyfriends-apphost-6f0d3f5e";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private readonly HttpClient _http;

    private OpsClient(Uri gateway, string key)
    {
        _http = new HttpClient { BaseAddress = new Uri(gateway, "/v1/ops/"), Timeout = Patience };
        _http.DefaultRequestHeaders.Add("X-Operator-Key", key);
    }

    /// <summary>The gateway that was named or that this machine runs, and the key of its operators.</summary>
    /// <exception cref="OpsException">There is none, or no key; the message says what would help.</exception>
    public static OpsClient Find(string? gateway, Func<string, string?> variable) => new(
        AddressOf(gateway ?? variable(GatewayVariable)) ?? EndpointsFile.Find()?.Gateway
            ?? throw new OpsException($"Where is the system? Give --gateway URL, set {GatewayVariable}, or start it with ./nearby run."),
        variable(KeyVariable)
            ?? new ConfigurationBuilder().AddUserSecrets(AppHostSecrets).Build()["Parameters:operator-key"]
            ?? throw new OpsException($"There is no operator key: set {KeyVariable}."));

    /// <summary>The answer to a call; an undefined element when it has no body.</summary>
    /// <exception cref="OpsException">The gateway refused; the message is its own.</exception>
    /// <exception cref="HttpRequestException">It does not answer.</exception>
    public async Task<JsonElement> SendAsync(OpsRequest call, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(call.Method, call.Path);
        if (call.Body is not null)
        {
            request.Content = JsonContent.Create(call.Body);
        }

        using var response = await _http.SendAsync(request, cancellationToken);
        var type = response.Content.Headers.ContentType?.MediaType;
        var body = type is "application/json" or "application/problem+json"
            ? await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)
            : default;
        return response.IsSuccessStatusCode ? body : throw new OpsException(WhyNot(response.StatusCode, body));
    }

    /// <summary>The ring, once every process that lives has taken this epoch or a later one.</summary>
    /// <exception cref="OpsException">Some have not within 30 s; the message names them.</exception>
    public async Task<JsonElement> WaitForEpochAsync(long epoch, CancellationToken cancellationToken)
    {
        string[] behind = [];
        var ring = await PollAsync(
            "ring",
            ring =>
            {
                behind = [.. ring.GetProperty("processes").EnumerateArray()
                    .Where(process => process.GetProperty("appliedEpoch").GetInt64() < epoch)
                    .Select(process => process.GetProperty("id").GetString()!)];
                return ring.GetProperty("epoch").GetInt64() >= epoch && behind.Length == 0;
            },
            cancellationToken);
        return ring ?? throw new OpsException(
            $"The change to epoch {epoch} continues, but is not done after {Patience.TotalSeconds:0} s. Not there yet: {string.Join(", ", behind)}.");
    }

    /// <summary>The gateways, once this one drains and has sent everybody away, or takes sessions again.</summary>
    /// <exception cref="OpsException">Nobody left for 30 s; a drain continues by itself.</exception>
    public async Task<JsonElement> WaitForDrainAsync(string id, bool drain, CancellationToken cancellationToken)
    {
        var gateways = await PollAsync(
            "gateways",
            gateways => gateways.GetProperty("gateways").EnumerateArray().Any(gateway =>
                gateway.GetProperty("id").GetString() == id
                && gateway.GetProperty("draining").GetBoolean() == drain
                && (!drain || gateway.GetProperty("sessions").GetInt32() == 0)),
            cancellationToken,
            gateways => SessionsOf(gateways, id));
        return gateways ?? throw new OpsException($"{id} is not done, and nobody left for {Patience.TotalSeconds:0} s; it continues by itself (./nearby ops gateways).");
    }

    public void Dispose() => _http.Dispose();

    private static int SessionsOf(JsonElement gateways, string id) => gateways.GetProperty("gateways").EnumerateArray()
        .Where(gateway => gateway.GetProperty("id").GetString() == id).Sum(gateway => gateway.GetProperty("sessions").GetInt32());

    /// <summary>Asks until it is done; null when it is not, and <paramref name="progress"/> has not changed for as long as <see cref="Patience"/>.</summary>
    private async Task<JsonElement?> PollAsync(
        string path, Func<JsonElement, bool> done, CancellationToken cancellationToken, Func<JsonElement, int>? progress = null)
    {
        var (since, last) = (TimeProvider.System.GetTimestamp(), 0);
        while (TimeProvider.System.GetElapsedTime(since) < Patience)
        {
            var state = await SendAsync(new(HttpMethod.Get, path), cancellationToken);
            if (done(state))
            {
                return state;
            }

            if (progress?.Invoke(state) is { } reached && reached != last)
            {
                (since, last) = (TimeProvider.System.GetTimestamp(), reached);
            }

            await Task.Delay(Poll, cancellationToken);
        }

        return null;
    }

    private static string WhyNot(HttpStatusCode status, JsonElement problem) =>
        status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            ? $"The gateway does not take this operator key ({KeyVariable})."
            : problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("detail", out var detail)
                ? detail.GetString()!
                : $"The gateway answers {(int)status}.";

    private static Uri? AddressOf(string? text) => text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https") ? address
        : throw new OpsException($"'{text}' is no http address of a gateway.");
}
