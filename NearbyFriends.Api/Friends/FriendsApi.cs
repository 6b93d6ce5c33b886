using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Api.Callers;
using NearbyFriends.Api.Paging;
using NearbyFriends.Api.Problems;
using NearbyFriends.Core;

namespace NearbyFriends.Api.Friends;

/// <summary>A user in one of your lists.</summary>
/// <param name="Id">A decimal string.</param>
/// <param name="DisplayName">As the user wishes to be called.</param>
/// <param name="Since">Unix milliseconds UTC at which the friendship, or the block, began.</param>
public sealed record ListedUserView(string Id, string DisplayName, long Since)
{
    public static Page<ListedUserView> Page(IReadOnlyList<ListedUser> rows, int limit) => Paging.Page.Of(
        rows, limit, row => row.Id,
        row => row.DisplayName is { } name ? new ListedUserView(UserId.Format(row.Id), name, row.Since.ToUnixTimeMilliseconds()) : null);
}

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
        friends.MapDelete("/{userId}", RemoveAsync)
            .WithName("removeFriend")
            .WithSummary("Ends a friendship, silently; nothing happens when there is none")
            .WithProblems(ProblemKind.InvalidRequest);
        return v1;
    }

    private static async Task<Ok<Page<ListedUserView>>> ListAsync(
        Caller caller, Friendships friendships, CancellationToken cancellationToken, Cursor? cursor = null, [Range(1, Page.MaxLimit)] int limit = 100) =>
        TypedResults.Ok(ListedUserView.Page(
            await friendships.ListAsync(caller.Id, cursor?.After ?? 0, limit + 1, cancellationToken), limit));

    private static async Task<NoContent> RemoveAsync(Caller caller, long userId, Friendships friendships, CancellationToken cancellationToken)
    {
        await friendships.RemoveAsync(caller.Id, userId, cancellationToken);
        return TypedResults.NoContent();
    }
}
