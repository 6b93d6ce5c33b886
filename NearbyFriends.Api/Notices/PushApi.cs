using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Api.Callers;
using NearbyFriends.Api.Problems;
using NearbyFriends.Api.Users;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.Notices;

/// <summary>The public key of this sender.</summary>
/// <param name="PublicKey">A browser's <c>applicationServerKey</c>: 65 bytes in base64url.</param>
public sealed record PushKeyView(string PublicKey);

/// <summary>A browser's <c>PushSubscription</c> as JSON.</summary>
/// <param name="Endpoint">An https address of the browser's push service.</param>
/// <param name="Keys">The browser's keys.</param>
public sealed record NewPushSubscription(
    [property: RequiredField][property: StringLength(2_048, ErrorMessage = "The endpoint has at most 2048 characters.")] string Endpoint,
    [property: RequiredField] PushSubscriptionKeys Keys);

/// <summary>The keys with which messages to a browser are encrypted (RFC 8291).</summary>
/// <param name="P256dh">The browser's public key: 65 bytes in base64url.</param>
/// <param name="Auth">16 bytes in base64url.</param>
public sealed record PushSubscriptionKeys([property: RequiredField] string P256dh, [property: RequiredField] string Auth);

/// <summary>A browser that takes your notices.</summary>
/// <param name="Id">Opaque; the same for the same endpoint.</param>
/// <param name="CreatedAt">Unix milliseconds UTC.</param>
public sealed record PushSubscriptionView(string Id, long CreatedAt)
{
    public static PushSubscriptionView Of(StoredSubscription subscription) => new(subscription.Id, subscription.CreatedAt.ToUnixTimeMilliseconds());
}

/// <summary>All browsers that take your notices.</summary>
/// <param name="Items">The oldest first.</param>
public sealed record PushSubscriptionList(IReadOnlyList<PushSubscriptionView> Items);

/// <summary>Web Push (RFC 8030, 8291, 8292): alerts and friend requests while no session is open.</summary>
public static class PushApi
{
    private const int AuthBytes = 16;

    public static RouteGroupBuilder MapPush(this RouteGroupBuilder v1)
    {
        v1.MapGet("/push-key", GetKey)
            .WithName("getPushKey")
            .WithTags("Push")
            .WithSummary("The key with which a browser subscribes; not found where Web Push is not configured")
            .WithProblems(ProblemKind.NotFound)
            .AllowAnonymous();
        var subscriptions = v1.MapGroup("/push-subscriptions").RequireCaller().WithTags("Push");
        subscriptions.MapGet("/", ListAsync).WithName("listPushSubscriptions").WithSummary("The browsers that take your notices");
        subscriptions.MapPost("/", AddAsync)
            .WithName("addPushSubscription")
            .WithSummary("Sends your alerts and friend requests to a browser while you have no session open")
            .WithDescription("The body is the browser's PushSubscription. The same endpoint again has the same id. One browser too many takes the place of the oldest. Not found where Web Push is not configured.")
            .WithProblems(ProblemKind.InvalidRequest, ProblemKind.NotFound);
        subscriptions.MapDelete("/{id}", RemoveAsync)
            .WithName("removePushSubscription")
            .WithSummary("Sends nothing to a browser any more; nothing happens when there is no such browser");
        return v1;
    }

    private static Results<Ok<PushKeyView>, Problem> GetKey(PushKeys keys) =>
        keys.Pair is { } pair ? TypedResults.Ok(new PushKeyView(pair.Public)) : new Problem(ProblemKind.NotFound);

    private static async Task<Ok<PushSubscriptionList>> ListAsync(Caller caller, PushSubscriptionStore store, CancellationToken cancellationToken) =>
        TypedResults.Ok(new PushSubscriptionList([.. (await store.ListAsync(caller.Id, cancellationToken)).Select(PushSubscriptionView.Of)]));

    private static async Task<Results<Created<PushSubscriptionView>, Problem>> AddAsync(
        Caller caller, NewPushSubscription subscription, PushKeys keys, PushSubscriptionStore store, IHostEnvironment environment,
        CancellationToken cancellationToken)
    {
        if (keys.Pair is null)
        {
            return new Problem(ProblemKind.NotFound);
        }

        if (!IsEndpoint(subscription.Endpoint, environment.IsDevelopment()))
        {
            return Problem.InvalidField("endpoint", "The endpoint must be an https address of a push service.");
        }

        if (!PushKeys.IsPoint(subscription.Keys.P256dh))
        {
            return Problem.InvalidField("keys.p256dh", "The key must be an uncompressed point of P-256 in base64url.");
        }

        if (!Base64Url.IsValid(subscription.Keys.Auth, out var length) || length != AuthBytes)
        {
            return Problem.InvalidField("keys.auth", "The secret must have 16 bytes in base64url.");
        }

        var added = await store.AddAsync(caller.Id, subscription.Endpoint, subscription.Keys.P256dh, subscription.Keys.Auth, cancellationToken);
        return TypedResults.Created((string?)null, PushSubscriptionView.Of(added));
    }

    private static async Task<NoContent> RemoveAsync(Caller caller, string id, PushSubscriptionStore store, CancellationToken cancellationToken)
    {
        await store.RemoveAsync(caller.Id, id, cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>Whether something may be sent there, so far as the address says; what a name resolves to is judged at each connection.</summary>
    public static bool IsEndpoint(string text, bool isDevelopment) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.UserInfo.Length == 0
        && (isDevelopment
            ? address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp
            : address.Scheme == Uri.UriSchemeHttps && address.IsDefaultPort
                && (!IPAddress.TryParse(address.IdnHost, out var host) || PublicAddresses.Contains(host)));
}
