using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Api.Accounts;
using NearbyFriends.Api.Problems;
using NearbyFriends.Api.Users;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.DevTokens;

/// <summary>Asks for a token.</summary>
/// <param name="UserName">Of a registered user.</param>
public sealed record RequestDevToken([property: RequiredField, UserNameForm] string UserName);

/// <summary>An access token.</summary>
/// <param name="AccessToken">A bearer token.</param>
/// <param name="ExpiresIn">Seconds until it expires.</param>
public sealed record DevTokenView(string AccessToken, int ExpiresIn);

/// <summary>Tokens without a login, in Development only: elsewhere the address does not exist.</summary>
public static class DevTokensApi
{
    // Ids of users are positive.
    private const long NoUser = 0;

    public static RouteGroupBuilder MapDevTokens(this RouteGroupBuilder v1)
    {
        v1.MapPost("/dev/tokens", IssueAsync)
            .WithTags("Development")
            .WithName("issueDevToken")
            .WithSummary("Issues a token for any user, without a login; Development only")
            .WithProblems(ProblemKind.InvalidRequest, ProblemKind.NotFound);
        v1.MapPost("/dev/operator-tokens", IssueOperator)
            .WithTags("Development")
            .WithName("issueDevOperatorToken")
            .WithSummary("Issues a token that operates the system and is no user's, without a login; Development only");
        return v1;
    }

    private static Ok<DevTokenView> IssueOperator(DevelopmentTokens tokens) =>
        TypedResults.Ok(new DevTokenView(tokens.Issue(NoUser, OperatorPolicy.Role), (int)tokens.Lifetime.TotalSeconds));

    private static async Task<Results<Ok<DevTokenView>, Problem>> IssueAsync(
        RequestDevToken request, UserAccounts accounts, DevelopmentTokens tokens, CancellationToken cancellationToken)
    {
        var user = await accounts.FindByNameAsync(request.UserName, askedBy: null, cancellationToken);
        return user is null
            ? new Problem(ProblemKind.NotFound)
            : TypedResults.Ok(new DevTokenView(tokens.Issue(user.Id), (int)tokens.Lifetime.TotalSeconds));
    }
}
