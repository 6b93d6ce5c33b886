using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Lib.Net.Http.WebPush;
using Lib.Net.Http.WebPush.Authentication;
using Microsoft.Extensions.Options;

namespace NearbyFriends.Api.Notices;

/// <summary>Sends notices to push services (RFC 8030), encrypted for the browser (RFC 8291) and signed with our key (RFC 8292).</summary>
public sealed class PushSender : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024;
    private const int TopicCharacters = 32;

    private readonly PushKeys _keys;
    private readonly NoticeOptions _options;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;
    private readonly PushServiceClient _client;

    public PushSender(PushKeys keys, IOptions<NoticeOptions> options, IHostEnvironment environment, TimeProvider clock)
    {
        (_keys, _options, _clock) = (keys, options.Value, clock);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // it would lead anywhere
            UseProxy = false,          // the address that is judged is the one that is connected to
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        };
        if (!environment.IsDevelopment())
        {
            handler.ConnectCallback = PublicAddresses.ConnectAsync;
        }

        _http = new HttpClient(handler) { Timeout = SendOutcome.Patience, MaxResponseContentBufferSize = MaxAnswerBytes };
        _client = new PushServiceClient(_http) { AutoRetryAfter = false, DefaultAuthenticationScheme = VapidAuthenticationScheme.Vapid };
    }

    /// <summary>Whether there are keys to send with.</summary>
    public bool IsConfigured => _keys.Pair is not null;

    /// <summary>Sends a message to a browser.</summary>
    /// <param name="to">The browser.</param>
    /// <param name="payload">JSON.</param>
    /// <param name="topic">A message replaces one of the same topic that the browser did not take yet.</param>
    /// <param name="lifetime">How long the push service keeps it for a browser that is off.</param>
    /// <param name="isUrgent">Whether to wake a sleeping device for it.</param>
    /// <param name="cancellationToken">Abandons the attempt.</param>
    public async Task<SendOutcome> SendAsync(
        StoredSubscription to, string payload, string topic, TimeSpan lifetime, bool isUrgent, CancellationToken cancellationToken)
    {
        var subscription = new PushSubscription { Endpoint = to.Endpoint };
        subscription.SetKey(PushEncryptionKeyName.P256DH, to.PublicKey);
        subscription.SetKey(PushEncryptionKeyName.Auth, to.Auth);
        var message = new PushMessage(payload)
        {
            Topic = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(topic)))[..TopicCharacters],
            TimeToLive = (int)lifetime.TotalSeconds,
            Urgency = isUrgent ? PushMessageUrgency.High : PushMessageUrgency.Normal,
        };
        try
        {
            using var vapid = new VapidAuthentication(_keys.Pair!.Public, _keys.Pair.Private) { Subject = _options.PushSubject };
            await _client.RequestPushMessageDeliveryAsync(subscription, message, vapid, cancellationToken);
            return SendOutcome.Sent;
        }
        catch (PushServiceClientException e)
        {
            return SendOutcome.Of(e.StatusCode, e.Headers?.RetryAfter, _clock.GetUtcNow());
        }
        catch (Exception e) when (SendOutcome.MaySucceedLater(e, cancellationToken))
        {
            return SendOutcome.Failed;
        }
    }

    public void Dispose() => _http.Dispose();
}
