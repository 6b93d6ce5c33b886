using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Api.Accounts;
using NearbyFriends.Api.Callers;
using NearbyFriends.Api.Problems;
using NearbyFriends.Api.RateLimits;
using NearbyFriends.Core;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.Users;

/// <summary>A new user.</summary>
/// <param name="UserName">3 to 32 of A-Z a-z 0-9 _ . - , unique without regard to case.</param>
/// <param name="DisplayName">1 to 64 visible characters, as friends see it; stored in NFC.</param>
public sealed record RegisterUser(
    [property: RequiredField, UserNameForm] string UserName,
    [property: RequiredField, DisplayNameForm] string DisplayName);

/// <summary>Registering, and finding others by name.</summary>
public static class UsersApi
{
    /// <param name="v1">Where the endpoints go.</param>
    /// <param name="withoutToken">Whether anybody may register anybody, as where anybody gets tokens.</param>
    public static RouteGroupBuilder MapUsers(this RouteGroupBuilder v1, bool withoutToken)
    {
        var users = v1.MapGroup("/users").WithTags("Users");
        var register = (withoutToken ? users.MapPost("/", RegisterAnybodyAsync) : users.MapPost("/", RegisterSubjectAsync))
            .WithName("registerUser")
            .WithSummary("Registers a user")
            .WithDescription("In Development without a token, sharing from the start; elsewhere the token's subject becomes the user, not sharing yet.")
            .WithProblems(ProblemKind.InvalidRequest, ProblemKind.NameTaken);
        if (!withoutToken)
        {
            register.RequireAuthorization().WithProblems(ProblemKind.Unauthenticated, ProblemKind.RegisteredAlready);
        }

        users.MapGroup("/").RequireCaller().MapGet("/", FindAsync)
            .RequireRateLimiting(RateLimiting.Lookups)
            .WithName("findUser")
            .WithSummary("Finds a user by the exact user name")
            .WithDescription("Unknown users, undiscoverable ones and those who block you look the same.")
            .WithProblems(ProblemKind.InvalidRequest, ProblemKind.NotFound);
        return v1;
    }

    private static Task<Results<Created<UserView>, Problem>> RegisterAnybodyAsync(
        RegisterUser request, UserAccounts accounts, TimeProvider clock, CancellationToken cancellationToken) =>
        RegisterAsync(request, subject: null, sharing: true, accounts, clock, cancellationToken);

    private static Task<Results<Created<UserView>, Problem>> RegisterSubjectAsync(
        RegisterUser request, ClaimsPrincipal principal, UserAccounts accounts, TimeProvider clock, CancellationToken cancellationToken) =>
        RegisterAsync(request, principal.Subject(), sharing: false, accounts, clock, cancellationToken);

    private static async Task<Results<Created<UserView>, Problem>> RegisterAsync(
        RegisterUser request, string? subject, bool sharing, UserAccounts accounts, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (outcome, user) = await accounts.RegisterAsync(request.UserName, request.DisplayName.Trim(), subject, sharing, cancellationToken);
        return outcome switch
        {
            RegistrationOutcome.NameTaken => new Problem(ProblemKind.NameTaken),
            RegistrationOutcome.RegisteredAlready => new Problem(ProblemKind.RegisteredAlready),
            _ => TypedResults.Created("/v1/me", UserView.Of(user!, clock.GetUtcNow())),
        };
    }

    private static async Task<Results<Ok<PublicUserView>, Problem>> FindAsync(
        Caller caller, [Description("The exact user name, in any case")] string userName, UserAccounts accounts, CancellationToken cancellationToken)
    {
        var user = UserNameFormAttribute.Matches(userName) ? await accounts.FindByNameAsync(userName, caller.Id, cancellationToken) : null;
        return user is not null && (user.Discoverable || user.Id == caller.Id)
            ? TypedResults.Ok(new PublicUserView(UserId.Format(user.Id), user.UserName, user.DisplayName))
            : new Problem(ProblemKind.NotFound);
    }
}
