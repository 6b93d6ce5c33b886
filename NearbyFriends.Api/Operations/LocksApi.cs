using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Api.Accounts;
using NearbyFriends.Api.Problems;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.Operations;

/// <summary>Locking accounts, for operators (role <c>operator</c>, or the operator key).</summary>
public static class LocksApi
{
    public static RouteGroupBuilder MapLocks(this RouteGroupBuilder v1)
    {
        var locks = v1.MapGroup("/ops/users/{userId}/lock").WithTags("Operations").RequireAuthorization(OperatorPolicy.Name).WithAudit()
            .WithProblems(ProblemKind.InvalidRequest, ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound);
        locks.MapPut("/", (long userId, UserAccounts accounts, CancellationToken cancellationToken) => SetAsync(userId, true, accounts, cancellationToken))
            .WithName("lockUser")
            .WithSummary("Locks an account")
            .WithDescription("Its requests are refused, its sessions end, and its friends see it no more. No effect if it is locked already.");
        locks.MapDelete("/", (long userId, UserAccounts accounts, CancellationToken cancellationToken) => SetAsync(userId, false, accounts, cancellationToken))
            .WithName("unlockUser")
            .WithSummary("Unlocks an account")
            .WithDescription("No effect if it is not locked.");
        return v1;
    }

    private static async Task<Results<NoContent, Problem>> SetAsync(
        long userId, bool locked, UserAccounts accounts, CancellationToken cancellationToken) =>
        await accounts.LockAsync(userId, locked, cancellationToken) ? TypedResults.NoContent() : new Problem(ProblemKind.NotFound);
}
