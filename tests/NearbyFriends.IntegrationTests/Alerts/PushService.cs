using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using NearbyFriends.IntegrationTests.Systems;

namespace NearbyFriends.IntegrationTests.Alerts;

/// <summary>
/// A browser and its push service: it fails the first message, as if it were overloaded, and takes the others; and a webhook beside it.
/// </summary>
internal sealed class PushService : IAsyncDisposable
{
    /// <summary>Of the webhook.</summary>
    public const string Secret = "a secret that only the two of us know";

    private readonly ECDiffieHellman _browser = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _auth = RandomNumberGenerator.GetBytes(16);
    private readonly WebApplication _app;
    private int _calls;

    private PushService(WebApplication app) => _app = app;

    /// <summary>What the browser took, decrypted.</summary>
    public ConcurrentQueue<JsonElement> Messages { get; } = [];

    /// <summary>What the webhook took: body and signature.</summary>
    public ConcurrentQueue<(string Body, string Signature)> Hooked { get; } = [];

    public string Webhook => $"{Address}/hook";

    private string Address => _app.Urls.First();

    private string Endpoint => $"{Address}/push/1";

    public static async Task<PushService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var service = new PushService(app);
        app.MapPost("/push/1", service.TakeAsync);
        app.MapPost("/push/gone", () => Results.StatusCode(410));
        app.MapPost("/hook", service.HookAsync);
        await app.StartAsync();
        return service;
    }

    /// <summary>Subscribes the browser; and another that its push service does not know any more.</summary>
    public async Task SubscribeAsync(TestUser user)
    {
        PublicKey = (await user.SendAsync(HttpMethod.Get, "v1/push-key")).GetProperty("publicKey").GetString()!;
        var keys = new { p256dh = Base64Url.EncodeToString(PushDecryption.PublicKeyOf(_browser)), auth = Base64Url.EncodeToString(_auth) };
        var first = await user.SendAsync(HttpMethod.Post, "v1/push-subscriptions", new { endpoint = Endpoint, expirationTime = (long?)null, keys });
        var again = await user.SendAsync(HttpMethod.Post, "v1/push-subscriptions", new { endpoint = Endpoint, keys });
        Assert.Equal(first.GetProperty("id").GetString(), again.GetProperty("id").GetString());
        await user.SendAsync(HttpMethod.Post, "v1/push-subscriptions", new { endpoint = $"{Address}/push/gone", keys });
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _browser.Dispose();
    }

    private string PublicKey { get; set; } = "";

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        if (Interlocked.Increment(ref _calls) == 1)
        {
            return Results.StatusCode(503);
        }

        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        if (request.Headers.ContentEncoding != "aes128gcm" || !int.TryParse(request.Headers["TTL"], out _) || !await IsOursAsync(request.Headers.Authorization!))
        {
            return Results.StatusCode(400);
        }

        Messages.Enqueue(JsonElement.Parse(PushDecryption.Decrypt(body.ToArray(), _browser, _auth)));
        return Results.StatusCode(201);
    }

    private async Task<IResult> HookAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        Hooked.Enqueue((await reader.ReadToEndAsync(), request.Headers["X-NearbyFriends-Signature"].ToString()));
        return Results.Ok();
    }

    /// <summary>Whether it is signed with the key that the browser subscribed with (RFC 8292).</summary>
    private async Task<bool> IsOursAsync(string authorization)
    {
        if (authorization.Split(["vapid t=", ", k=", ",k="], StringSplitOptions.RemoveEmptyEntries) is not [var token, var key] || key.Trim() != PublicKey)
        {
            return false;
        }

        var point = Base64Url.DecodeFromChars(PublicKey);
        using var signer = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = point[1..33], Y = point[33..] } });
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = new ECDsaSecurityKey(signer) { CryptoProviderFactory = new() { CacheSignatureProviders = false } }, // it ends with this call
            ValidateIssuer = false,
            ValidAudience = $"http://{new Uri(Address).Host}", // the library leaves the port out; outside Development there is none
        });
        return result.IsValid;
    }
}
