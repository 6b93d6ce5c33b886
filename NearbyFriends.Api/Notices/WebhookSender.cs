using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using NearbyFriends.Core;

namespace NearbyFriends.Api.Notices;

/// <summary>Posts notices to the operator's webhook, such as a service that speaks to APNs and FCM.</summary>
/// <remarks>
/// <c>X-NearbyFriends-Signature: t=1764000000,v1=…</c>: v1 is the HMAC-SHA256, in hex, of the seconds, a dot and the body. A receiver
/// compares it in constant time, refuses what is older than some minutes, and drops what has an <c>Idempotency-Key</c> that it has seen.
/// </remarks>
public sealed class WebhookSender(IOptions<NoticeOptions> options, TimeProvider clock) : IDisposable
{
    /// <summary>The header that says that a notice is ours.</summary>
    public const string SignatureHeader = "X-NearbyFriends-Signature";

    /// <summary>The header that is the same for each copy of a notice.</summary>
    public const string IdHeader = "Idempotency-Key";

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
    {
        Timeout = SendOutcome.Patience,
    };

    public bool IsConfigured => !string.IsNullOrEmpty(options.Value.Webhook);

    /// <summary>Posts a body, with a signature of this moment.</summary>
    public async Task<SendOutcome> SendAsync(string body, string noticeId, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Value.Webhook)
        {
            Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Add(SignatureHeader, Sign(body, clock.UnixMilliseconds() / 1000, options.Value.WebhookSecret!));
        request.Headers.Add(IdHeader, noticeId);
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var outcome = SendOutcome.Of(answer.StatusCode, answer.Headers.RetryAfter, clock.GetUtcNow());
            return outcome.Result == SendResult.Gone ? new(SendResult.Refused) : outcome; // an operator's address does not go
        }
        catch (Exception e) when (SendOutcome.MaySucceedLater(e, cancellationToken))
        {
            return SendOutcome.Failed;
        }
    }

    /// <summary>The value of <see cref="SignatureHeader"/>.</summary>
    public static string Sign(string body, long unixSeconds, string secret) =>
        $"t={unixSeconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{unixSeconds}.{body}")))}";

    public void Dispose() => _http.Dispose();
}
