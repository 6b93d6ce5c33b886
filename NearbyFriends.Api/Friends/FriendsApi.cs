using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Api.Callers;
using NearbyFriends.Api.Paging;
using NearbyFriends.Api.Problems;
using NearbyFriends.Api.Users;
using NearbyFriends.Core;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.Friends;

/// <summary>One of your friends.</summary>
/// <param name="Id">A decimal string.</param>
/// <param name="DisplayName">As the friend wishes to be called.</param>
/// <param name="Since">Unix milliseconds UTC at which the friendship began.</param>
/// <param name="Shows">What the friend sees of your location.</param>
/// <param name="ShowsUntil">Unix milliseconds UTC at which that ends; absent without an end.</param>
public sealed record FriendView(
    string Id, string DisplayName, long Since,
    [property: JsonConverter(typeof(VisibilityNames))] Visibility Shows,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? ShowsUntil = null)
{
    public static Page<FriendView> Page(IReadOnlyList<ListedUser> rows, int limit, long now) => Paging.Page.Of(
        rows, limit, row => row.Id,
        row => row.DisplayName is { } name
            ? new FriendView(
                UserId.Format(row.Id), name, row.Since.ToUnixTimeMilliseconds(), row.Shows.At(now),
                row.Shows.Until > now ? row.Shows.Until : null)
            : null);
}

/// <summary>What a friend is to see of your location.</summary>
/// <param name="Shows"><c>approximate</c> is a position snapped to a grid of 1 km, <c>nothing</c> looks as if you were inactive.</param>
/// <param name="Until">Unix milliseconds UTC, ahead, at which that ends and what holds without an end comes back; absent for no end.</param>
public sealed record ChangeVisibility(
    [property: RequiredField][property: JsonConverter(typeof(VisibilityNames))] Visibility? Shows, long? Until = null);

/// <summary>Levels of visibility by their names, with a small letter.</summary>
public sealed class VisibilityNames() : JsonStringEnumConverter<Visibility>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

/// <summary>The caller's friends.</summary>
public static class FriendsApi
{
    public static RouteGroupBuilder MapFriends(this RouteGroupBuilder v1)
    {
        var friends = v1.MapGroup("/friends").RequireCaller().WithTags("Friends");
        friends.MapGet("/", ListAsync)
            .WithName("listFriends")
            .WithSummary("Your friends, in the order of their ids")
            .WithProblems(ProblemKind.InvalidRequest);
        friends.MapPut("/{userId}/visibility", ShowAsync)
            .WithName("changeVisibility")
            .WithSummary("What a friend sees of your location: exact, approximate, or nothing")
            .WithDescription("It holds wherever the friend looks, from the next moment on, and the friend is not told. With an end, what holds without one comes back then.")
            .WithProblems(ProblemKind.InvalidRequest, ProblemKind.NotFound);
        friends.MapDelete("/{userId}", RemoveAsync)
            .WithName("removeFriend")
            .WithSummary("Ends a friendship, silently; nothing happens when there is none")
            .WithProblems(ProblemKind.InvalidRequest);
        return v1;
    }

    private static async Task<Ok<Page<FriendView>>> ListAsync(
        Caller caller, Friendships friendships, TimeProvider clock, CancellationToken cancellationToken, Cursor? cursor = null,
        [Range(1, Page.MaxLimit)] int limit = 100) =>
        TypedResults.Ok(FriendView.Page(
            await friendships.ListAsync(caller.Id, cursor?.After ?? 0, limit + 1, cancellationToken), limit, clock.UnixMilliseconds()));

    private static async Task<Results<NoContent, Problem>> ShowAsync(
        Caller caller, long userId, ChangeVisibility change, Friendships friendships, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (change.Until is { } until && !(until > clock.UnixMilliseconds() && until <= UnixTime.Last))
        {
            return Problem.InvalidField("until", "The time must lie ahead: Unix milliseconds, or absent for no end.");
        }

        return await friendships.ShowAsync(caller.Id, userId, change.Shows!.Value, change.Until ?? 0, cancellationToken)
            ? TypedResults.NoContent()
            : new Problem(ProblemKind.NotFound);
    }

    private static async Task<NoContent> RemoveAsync(Caller caller, long userId, Friendships friendships, CancellationToken cancellationToken)
    {
        await friendships.RemoveAsync(caller.Id, userId, cancellationToken);
        return TypedResults.NoContent();
    }
}
