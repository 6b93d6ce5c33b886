using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using NearbyFriends.Api.Problems;
using NearbyFriends.Core;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.FriendSource;

/// <summary>
/// What a gateway asks when it reads users and friendships over HTTP (<c>Friends:Source=Api</c>): the contract that
/// another team's system would serve. Not for clients: needs the key <c>Friends:ApiKey</c>, without which the addresses
/// do not exist.
/// </summary>
public static class FriendSourceApi
{
    private const int SecondsOfDay = 86_400; // the longest that a location lives; a gateway asks for some minutes more

    public static RouteGroupBuilder MapFriendSource(this RouteGroupBuilder v1)
    {
        var source = v1.MapGroup("/friend-source").WithTags("Friend source")
            .AddEndpointFilter(RequireKeyAsync)
            .WithMetadata(new FriendsKeyRequired())
            .WithProblems(ProblemKind.Unauthenticated)
            .DisableRateLimiting();
        source.MapGet("/users/{userId}", LoadAsync)
            .WithName("loadFriends")
            .WithSummary("A user with the ids of all friends")
            .WithProblems(ProblemKind.InvalidRequest, ProblemKind.NotFound);
        source.MapPost("/subjects", FindBySubjectAsync)
            .WithName("findBySubject")
            .WithSummary("The user that a token's subject stands for")
            .WithProblems(ProblemKind.InvalidRequest, ProblemKind.NotFound);
        source.MapPost("/devices", FindByDeviceAsync)
            .WithName("findByDevice")
            .WithSummary("The user whose device has a password; a locked one is not found")
            .WithProblems(ProblemKind.InvalidRequest, ProblemKind.NotFound);
        source.MapPost("/names", NamesAsync)
            .WithName("displayNames")
            .WithSummary("The display names of users; who does not exist is absent")
            .WithProblems(ProblemKind.InvalidRequest);
        source.MapGet("/users/{userId}/sharing", FindSharingAsync)
            .WithName("findSharing")
            .WithSummary("Whether a user shares; a locked one is not found")
            .WithProblems(ProblemKind.InvalidRequest, ProblemKind.NotFound);
        source.MapGet("/users/{userId}/blocks", BlocksAsync)
            .WithName("loadBlocks")
            .WithSummary("Whom a user blocked, and who blocked it")
            .WithProblems(ProblemKind.InvalidRequest);
        source.MapGet("/changes", ChangesAsync)
            .WithName("readChanges")
            .WithSummary("Every change that gateways must learn of, since a cursor, or of the last seconds")
            .WithDescription("A change is in the first answer after its commit at the latest, and may be in several. A gateway asks every few seconds, with the cursor of the answer before; it opens no session before the first answer.")
            .WithProblems(ProblemKind.InvalidRequest);
        return v1;
    }

    private static async Task<Results<Ok<FriendSourceUser>, Problem>> LoadAsync(
        long userId, FriendDatabase friends, CancellationToken cancellationToken) =>
        await friends.LoadAsync(userId, cancellationToken) is { } user
            ? TypedResults.Ok(FriendSourceUser.Of(user))
            : new Problem(ProblemKind.NotFound);

    private static async Task<Results<Ok<FriendSourceId>, Problem>> FindBySubjectAsync(
        FriendSourceSubject request, FriendDatabase friends, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.Subject))
        {
            return Problem.InvalidField("subject", "A value is required.");
        }

        return await friends.FindBySubjectAsync(request.Subject, cancellationToken) is { } id
            ? TypedResults.Ok(new FriendSourceId(UserId.Format(id)))
            : new Problem(ProblemKind.NotFound);
    }

    private static async Task<Results<Ok<FriendSourceId>, Problem>> FindByDeviceAsync(
        FriendSourceDevice request, FriendDatabase friends, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.UserName) || string.IsNullOrEmpty(request.Password))
        {
            return Problem.InvalidField(string.IsNullOrEmpty(request.UserName) ? "userName" : "password", "A value is required.");
        }

        return await friends.FindByDeviceAsync(request.UserName, request.Password, cancellationToken) is { } id
            ? TypedResults.Ok(new FriendSourceId(UserId.Format(id)))
            : new Problem(ProblemKind.NotFound);
    }

    private static async Task<Results<Ok<FriendSourceName[]>, Problem>> NamesAsync(
        FriendSourceIds request, FriendDatabase friends, CancellationToken cancellationToken)
    {
        if (Parse(request) is not { } ids)
        {
            return InvalidIds();
        }

        var names = await friends.DisplayNamesAsync(ids, cancellationToken);
        return TypedResults.Ok(names.Select(name => new FriendSourceName(UserId.Format(name.Key), name.Value)).ToArray());
    }

    private static async Task<Results<Ok<FriendSourceSharing>, Problem>> FindSharingAsync(
        long userId, FriendDatabase friends, CancellationToken cancellationToken) =>
        await friends.FindSharingAsync(userId, cancellationToken) is { } sharing
            ? TypedResults.Ok(FriendSourceSharing.Of(sharing))
            : new Problem(ProblemKind.NotFound);

    private static async Task<Ok<FriendSourceId[]>> BlocksAsync(long userId, FriendDatabase friends, CancellationToken cancellationToken) =>
        TypedResults.Ok(Array.ConvertAll(await friends.LoadBlocksAsync(userId, cancellationToken), id => new FriendSourceId(UserId.Format(id))));

    private static async Task<Results<Ok<FriendSourceChanges>, Problem>> ChangesAsync(
        FriendDatabase friends, CancellationToken cancellationToken, string? cursor = null,
        [Description("Without a cursor: changes of so many seconds")][Range(1, 2 * SecondsOfDay)] int last = SecondsOfDay)
    {
        if (cursor is not null && !FriendDatabase.IsCursor(cursor))
        {
            return Problem.InvalidField(nameof(cursor), "It is no cursor of an earlier answer.");
        }

        return TypedResults.Ok(FriendSourceChanges.Of(await friends.ReadChangesAsync(cursor, TimeSpan.FromSeconds(last), cancellationToken)));
    }

    private static long[]? Parse(FriendSourceIds request)
    {
        if (request.Ids is not { Count: <= FriendSourceIds.Max } texts)
        {
            return null;
        }

        var ids = texts.Select(UserId.Parse).OfType<long>().ToArray();
        return ids.Length == texts.Count ? ids : null;
    }

    private static Problem InvalidIds() => Problem.InvalidField("ids", $"Up to {FriendSourceIds.Max} strings of decimal digits are expected.");

    private static async ValueTask<object?> RequireKeyAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var options = context.HttpContext.RequestServices.GetRequiredService<IOptions<FriendOptions>>().Value;
        var sent = context.HttpContext.Request.Headers[FriendApi.KeyHeader].ToString();
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(options.ApiKey!))
            ? await next(context)
            : new Problem(ProblemKind.Unauthenticated);
    }
}

/// <summary>Marks endpoints for other services, which take the shared key instead of a token.</summary>
public sealed record FriendsKeyRequired;
