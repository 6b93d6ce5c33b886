using System.Security.Claims;
using NearbyFriends.Api.Accounts;
using NearbyFriends.Api.Problems;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.Callers;

/// <summary>Finds the user behind an authenticated request.</summary>
/// <remarks>
/// A token outlives its user by up to its lifetime, so each request asks the database: the token of a deleted user,
/// or of a subject that never registered, is answered as no token at all (401), that of a locked one with 403.
/// </remarks>
public static class CallerMiddleware
{
    /// <summary>The endpoints need a token, and an existing user behind it.</summary>
    public static RouteGroupBuilder RequireCaller(this RouteGroupBuilder group) => group
        .RequireAuthorization()
        .WithMetadata(new CallerRequired())
        .WithProblems(ProblemKind.Unauthenticated, ProblemKind.Locked);

    /// <summary>Runs after authorization.</summary>
    public static IApplicationBuilder UseCallers(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<CallerRequired>() is not null && await RefuseAsync(context) is { } problem)
        {
            await problem.ExecuteAsync(context);
            return;
        }

        await next(context);
    });

    /// <summary>The subject of the request's token; null without a token.</summary>
    public static string? Subject(this ClaimsPrincipal principal) =>
        principal.FindFirstValue("sub") ?? principal.FindFirstValue(ClaimTypes.NameIdentifier);

    private static async Task<Problem?> RefuseAsync(HttpContext context)
    {
        var accounts = context.RequestServices.GetRequiredService<UserAccounts>();
        var account = context.User.Subject() is { } subject
            ? await accounts.FindBySubjectAsync(subject, context.RequestAborted)
            : null;
        switch (account)
        {
            case null:
                context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
                return new Problem(ProblemKind.Unauthenticated);
            case { Locked: true }:
                return new Problem(ProblemKind.Locked);
        }

        context.Features.Set(new Caller(account.Id));
        return null;
    }

    private sealed record CallerRequired;
}
