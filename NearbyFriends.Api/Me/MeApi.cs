using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Api.Accounts;
using NearbyFriends.Api.Callers;
using NearbyFriends.Api.Problems;
using NearbyFriends.Api.Users;
using NearbyFriends.Core;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.Me;

/// <summary>What a user changes of itself; what is absent stays as it is.</summary>
/// <param name="DisplayName">1 to 64 visible characters, as friends see it; stored in NFC.</param>
/// <param name="Sharing">False hides from friends at once, drops the cached location, and stores nothing from now on.</param>
/// <param name="Discoverable">Whether others find the user by the exact user name.</param>
/// <param name="Strangers">Whether strangers nearby see about where the user is, and the user them; needs sharing to have an effect.</param>
public sealed record ChangeMe(
    [property: DisplayNameForm] string? DisplayName = null, bool? Sharing = null, bool? Discoverable = null, bool? Strangers = null)
{
    /// <summary>Unix milliseconds UTC at which sharing ends by itself, which lies ahead; null for no end.</summary>
    public long? SharingUntil
    {
        get;
        init
        {
            field = value;
            End = new(value is >= 0 and <= UnixTime.Last ? DateTimeOffset.FromUnixTimeMilliseconds(value.Value) : null);
        }
    }

    /// <summary><see cref="SharingUntil"/>; null where it is absent and stays as it is.</summary>
    internal SharingEnd? End { get; private init; }
}

/// <summary>The caller's own account.</summary>
public static class MeApi
{
    public static RouteGroupBuilder MapMe(this RouteGroupBuilder v1)
    {
        var me = v1.MapGroup("/me").RequireCaller().WithTags("Me");
        me.MapGet("/", GetAsync).WithName("getMe").WithSummary("Your account");
        me.MapPatch("/", ChangeAsync)
            .WithName("changeMe")
            .WithSummary("Changes your account")
            .WithDescription("Sharing false hides you from friends at once, and empties your own list: who does not share sees nobody. With sharingUntil it ends by itself at that time; null is no end, and so is to begin to share without one.")
            .WithProblems(ProblemKind.InvalidRequest);
        me.MapDelete("/", DeleteAsync)
            .WithName("deleteMe")
            .WithSummary("Erases you")
            .WithDescription("The user, friendships, requests, blocks, cached location and history; from then on your tokens are worth nothing. What a failing server leaves undone is finished without you.");
        return v1;
    }

    private static async Task<Results<Ok<UserView>, Problem>> GetAsync(
        Caller caller, UserAccounts accounts, TimeProvider clock, CancellationToken cancellationToken) =>
        Show(await accounts.FindAsync(caller.Id, cancellationToken), clock);

    private static async Task<Results<Ok<UserView>, Problem>> ChangeAsync(
        Caller caller, ChangeMe changes, UserAccounts accounts, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (changes.SharingUntil is not null && !(changes.End?.Until > clock.GetUtcNow()))
        {
            return Problem.InvalidField("sharingUntil", "The time must lie ahead: Unix milliseconds, or null for no end.");
        }

        var user = await accounts.ChangeAsync(
            caller.Id, new UserChanges(changes.DisplayName?.Trim(), changes.Sharing, changes.Discoverable, changes.End, changes.Strangers), cancellationToken);
        return Show(user, clock);
    }

    private static async Task<NoContent> DeleteAsync(Caller caller, UserAccounts accounts, AccountErasure erasure, CancellationToken cancellationToken)
    {
        await accounts.DeleteAsync(caller.Id, cancellationToken);
        await erasure.TryEraseAsync(caller.Id);
        return TypedResults.NoContent();
    }

    // Between the look at the caller and this one another device may have deleted the user.
    private static Results<Ok<UserView>, Problem> Show(UserAccount? user, TimeProvider clock) =>
        user is null ? new Problem(ProblemKind.Unauthenticated) : TypedResults.Ok(UserView.Of(user, clock.GetUtcNow()));
}
