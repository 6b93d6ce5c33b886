using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using static NearbyFriends.Fanout.Discovery.EtcdMessages;

namespace NearbyFriends.Fanout.Discovery;

/// <summary>etcd 3.4 or later over its documented HTTP/JSON gateway: keys, compare-and-swap, leases, watches.</summary>
/// <remarks>
/// A call goes to one of the addresses, and if that does not answer within 2 s, to the next; when none answers it fails
/// with <see cref="EtcdException"/>. There are no further retries: only the caller knows whether it is safe to repeat a write.
/// <see cref="EtcdFollower"/> and <see cref="EtcdLease"/> retry until they are cancelled.
/// </remarks>
/// <example><code>
/// using var etcd = new EtcdClient([new Uri("http://localhost:2379")]);
/// await etcd.TryPutAsync("greeting", "hello", modRevision: 0);   // only if there is none yet
/// </code></example>
public sealed class EtcdClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http;
    private readonly IReadOnlyList<Uri> _endpoints;
    private readonly AuthenticateRequest? _credentials;
    private string? _token;
    private int _current;

    /// <param name="endpoints">At least one address, http or https; a user name and password in the first one hold for all.</param>
    /// <param name="certificateAuthority">A file with the certificate (PEM) that etcd's are signed by; null: what the machine trusts.</param>
    public EtcdClient(IReadOnlyList<Uri> endpoints, string? certificateAuthority = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(endpoints.Count, nameof(endpoints));
        _endpoints = endpoints;
        _credentials = CredentialsOf(endpoints[0]);
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = Patience,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            ActivityHeadersPropagator = null, // no span for every renewal of a lease
            UseProxy = false,
        };
        if (certificateAuthority is { Length: > 0 })
        {
            handler.SslOptions.CertificateChainPolicy = TrustOnly(certificateAuthority);
        }

        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>One key; null when there is none.</summary>
    public async Task<EtcdEntry?> GetAsync(string key, CancellationToken cancellationToken = default)
    {
        var answer = await CallAsync<RangeResponse>("kv/range", new RangeRequest(Bytes(key), null), cancellationToken);
        return answer.Kvs?.FirstOrDefault()?.ToEntry();
    }

    /// <summary>All keys that begin with <paramref name="prefix"/>, in byte order.</summary>
    public async Task<EtcdRange> GetRangeAsync(string prefix, CancellationToken cancellationToken = default)
    {
        var answer = await CallAsync<RangeResponse>("kv/range", new RangeRequest(Bytes(prefix), EndOf(prefix)), cancellationToken);
        return new([.. (answer.Kvs ?? []).Select(kv => kv.ToEntry())], answer.Header.Revision);
    }

    /// <summary>Sets a key, for as long as <paramref name="lease"/> is valid (0: permanently).</summary>
    public Task PutAsync(string key, string value, long lease = 0, CancellationToken cancellationToken = default) =>
        CallAsync<JsonElement>("kv/put", new PutRequest(Bytes(key), Bytes(value), lease), cancellationToken);

    /// <summary>
    /// Sets a key if it has not changed since it was read at <paramref name="modRevision"/> (0: if there is none yet).
    /// </summary>
    /// <param name="key">The key to set.</param>
    /// <param name="value">Its new value.</param>
    /// <param name="modRevision">Of the key when it was read.</param>
    /// <param name="lease">Removes the key when it expires; 0: never.</param>
    /// <param name="holding">Another key that must still have this create revision, such as the leader's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when it has changed; nothing was written.</returns>
    public async Task<bool> TryPutAsync(
        string key, string value, long modRevision, long lease = 0, (string Key, long CreateRevision)? holding = null, CancellationToken cancellationToken = default)
    {
        List<Compare> compare = [new(Bytes(key), "MOD", modRevision, null)];
        if (holding is { } held)
        {
            compare.Add(new(Bytes(held.Key), "CREATE", null, held.CreateRevision));
        }

        var answer = await CallAsync<TxnResponse>(
            "kv/txn", new TxnRequest([.. compare], [new(new PutRequest(Bytes(key), Bytes(value), lease), null)]), cancellationToken);
        return answer.Succeeded;
    }

    /// <summary>Removes a key, if there is one.</summary>
    public Task DeleteAsync(string key, CancellationToken cancellationToken = default) =>
        CallAsync<JsonElement>("kv/deleterange", new DeleteRequest(Bytes(key)), cancellationToken);

    /// <summary>Removes a key if it still has this create revision; false otherwise.</summary>
    public async Task<bool> TryDeleteAsync(string key, long createRevision, CancellationToken cancellationToken = default)
    {
        var request = new TxnRequest([new(Bytes(key), "CREATE", null, createRevision)], [new(null, new DeleteRequest(Bytes(key)))]);
        return (await CallAsync<TxnResponse>("kv/txn", request, cancellationToken)).Succeeded;
    }

    /// <summary>A new lease that expires when it is not renewed within <paramref name="time"/> (whole seconds, rounded up).</summary>
    public async Task<long> GrantLeaseAsync(TimeSpan time, CancellationToken cancellationToken = default) =>
        (await CallAsync<LeaseResponse>("lease/grant", new GrantRequest((long)Math.Ceiling(time.TotalSeconds)), cancellationToken)).Id;

    /// <summary>Renews a lease; false when it has expired.</summary>
    public async Task<bool> RenewLeaseAsync(long lease, CancellationToken cancellationToken = default) =>
        (await CallAsync<Streamed<LeaseResponse>>("lease/keepalive", new LeaseRequest(lease), cancellationToken)).Result is { Ttl: > 0 };

    /// <summary>Revokes a lease and removes its keys.</summary>
    public Task RevokeLeaseAsync(long lease, CancellationToken cancellationToken = default) =>
        CallAsync<JsonElement>("lease/revoke", new LeaseRequest(lease), cancellationToken);

    /// <summary>The changes of keys that begin with <paramref name="prefix"/>, from a revision on, in batches of one revision or more.</summary>
    /// <remarks>The first item is empty: the watch is established. The sequence ends only with an exception.</remarks>
    /// <exception cref="EtcdCompactedException">The revision is no longer kept: read the keys, then watch from what was read.</exception>
    /// <exception cref="EtcdException">etcd became unavailable.</exception>
    public async IAsyncEnumerable<(IReadOnlyList<EtcdEvent> Events, long Revision)> WatchAsync(
        string prefix, long fromRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var body = new WatchRequest(new WatchCreate(Bytes(prefix), EndOf(prefix), fromRevision));
        using var answer = await SendAsync("watch", body, cancellationToken);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (true)
        {
            var message = await ReadWatchAsync(lines, cancellationToken);
            if (message.CompactRevision > 0)
            {
                throw new EtcdCompactedException(message.CompactRevision);
            }

            if (message.Canceled)
            {
                throw new EtcdException($"etcd ended the watch: {message.CancelReason}");
            }

            yield return ([.. (message.Events ?? []).Select(e => e.ToEvent())], message.Header?.Revision ?? 0);
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<WatchResponse> ReadWatchAsync(StreamReader lines, CancellationToken cancellationToken)
    {
        try
        {
            var line = await lines.ReadLineAsync(cancellationToken) ?? throw new EtcdException("etcd closed the watch.");
            var message = JsonSerializer.Deserialize<Streamed<WatchResponse>>(line, Json);
            return message?.Result ?? throw new EtcdException($"etcd ended the watch: {message?.Error}");
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException)
        {
            throw new EtcdException($"The watch failed: {e.Message}", e);
        }
    }

    private async Task<T> CallAsync<T>(string method, object body, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, body, cancellationToken);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(Patience);
            return await answer.Content.ReadFromJsonAsync<T>(Json, deadline.Token) ?? throw new EtcdException($"etcd gave an empty answer to {method}.");
        }
        catch (Exception e) when (IsAway(e, cancellationToken) || e is JsonException)
        {
            throw new EtcdException($"etcd's answer to {method} could not be read: {e.Message}", e);
        }
    }

    /// <summary>Sends to the address that answered last, then to the others.</summary>
    private async Task<HttpResponseMessage> SendAsync(string method, object body, CancellationToken cancellationToken)
    {
        Exception? away = null;
        for (var attempt = 0; attempt < _endpoints.Count; attempt++)
        {
            var endpoint = Volatile.Read(ref _current);
            try
            {
                return await SendToAsync(_endpoints[endpoint % _endpoints.Count], method, body, cancellationToken);
            }
            catch (Exception e) when (IsAway(e, cancellationToken))
            {
                away = e;
                Interlocked.CompareExchange(ref _current, (endpoint + 1) % _endpoints.Count, endpoint);
            }
        }

        throw new EtcdException($"etcd does not answer: {away?.Message}", away);
    }

    private async Task<HttpResponseMessage> SendToAsync(Uri endpoint, string method, object body, CancellationToken cancellationToken)
    {
        if (_credentials is null)
        {
            return await PostAsync(endpoint, method, body, token: null, cancellationToken);
        }

        if (_token is { } known)
        {
            try
            {
                return await PostAsync(endpoint, method, body, known, cancellationToken);
            }
            catch (EtcdException e) when (e.InnerException is HttpRequestException { StatusCode: HttpStatusCode.Unauthorized })
            {
                // A token ends when it was not used for some minutes, or etcd was restarted.
            }
        }

        using var answer = await PostAsync(endpoint, "auth/authenticate", _credentials, token: null, cancellationToken);
        _token = (await answer.Content.ReadFromJsonAsync<AuthenticateResponse>(Json, cancellationToken))?.Token;
        return await PostAsync(endpoint, method, body, _token, cancellationToken);
    }

    private async Task<HttpResponseMessage> PostAsync(Uri endpoint, string method, object body, string? token, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, $"/v3/{method}"))
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), Json)),
        };
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", token); // as it is, without a scheme
        }

        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            var problem = $"etcd refused {method} ({(int)answer.StatusCode}): {await answer.Content.ReadAsStringAsync(deadline.Token)}";
            var refused = new HttpRequestException(problem, inner: null, answer.StatusCode);
            throw (int)answer.StatusCode >= 500 ? refused : new EtcdException(problem, refused);
        }
    }

    private static AuthenticateRequest? CredentialsOf(Uri endpoint) =>
        endpoint.UserInfo.Split(':', 2) is [var name, var password] ? new(Uri.UnescapeDataString(name), Uri.UnescapeDataString(password)) : null;

    private static X509ChainPolicy TrustOnly(string certificateAuthority) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(certificateAuthority) },
        RevocationMode = X509RevocationMode.NoCheck,
    };

    private static bool IsAway(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
