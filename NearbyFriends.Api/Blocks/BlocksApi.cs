using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Api.Callers;
using NearbyFriends.Api.Friends;
using NearbyFriends.Api.Paging;
using NearbyFriends.Api.Problems;
using NearbyFriends.Core;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.Blocks;

/// <summary>A user whom you block.</summary>
/// <param name="Id">A decimal string.</param>
/// <param name="DisplayName">As the user wishes to be called.</param>
/// <param name="Since">Unix milliseconds UTC at which the block began.</param>
public sealed record BlockedUserView(string Id, string DisplayName, long Since)
{
    public static Page<BlockedUserView> Page(IReadOnlyList<ListedUser> rows, int limit) => Paging.Page.Of(
        rows, limit, row => row.Id,
        row => row.DisplayName is { } name ? new BlockedUserView(UserId.Format(row.Id), name, row.Since.ToUnixTimeMilliseconds()) : null);
}

/// <summary>Whom the caller does not want to know.</summary>
public static class BlocksApi
{
    public static RouteGroupBuilder MapBlocks(this RouteGroupBuilder v1)
    {
        var blocks = v1.MapGroup("/blocks").RequireCaller().WithTags("Blocks");
        blocks.MapGet("/", ListAsync)
            .WithName("listBlocks")
            .WithSummary("Whom you block, in the order of their ids")
            .WithProblems(ProblemKind.InvalidRequest);
        blocks.MapPut("/{userId}", AddAsync)
            .WithName("blockUser")
            .WithSummary("Blocks a user")
            .WithDescription("Ends a friendship and cancels requests, silently: to the other you do not exist from then on.")
            .WithProblems(ProblemKind.InvalidRequest, ProblemKind.NotFound, ProblemKind.Oneself);
        blocks.MapDelete("/{userId}", RemoveAsync)
            .WithName("unblockUser")
            .WithSummary("Unblocks a user; what the block ended stays ended")
            .WithProblems(ProblemKind.InvalidRequest);
        return v1;
    }

    private static async Task<Ok<Page<BlockedUserView>>> ListAsync(
        Caller caller, BlockList blocks, CancellationToken cancellationToken, Cursor? cursor = null, [Range(1, Page.MaxLimit)] int limit = 100) =>
        TypedResults.Ok(BlockedUserView.Page(await blocks.ListAsync(caller.Id, cursor?.After ?? 0, limit + 1, cancellationToken), limit));

    private static async Task<Results<NoContent, Problem>> AddAsync(
        Caller caller, long userId, BlockList blocks, CancellationToken cancellationToken)
    {
        if (userId == caller.Id)
        {
            return new Problem(ProblemKind.Oneself);
        }

        return await blocks.AddAsync(caller.Id, userId, cancellationToken) ? TypedResults.NoContent() : new Problem(ProblemKind.NotFound);
    }

    private static async Task<NoContent> RemoveAsync(
        Caller caller, long userId, BlockList blocks, CancellationToken cancellationToken)
    {
        await blocks.RemoveAsync(caller.Id, userId, cancellationToken);
        return TypedResults.NoContent();
    }
}
