using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Gateway.Protocol;

/// <summary>Errors of the gateway's HTTP calls: RFC 9457 problem details with a stable type.</summary>
public static class Problems
{
    /// <param name="kind">Which problem.</param>
    /// <param name="detail">A sentence about this request; null where the kind says all.</param>
    public static ProblemHttpResult Of(ProblemKind kind, string? detail = null) => TypedResults.Problem(
        detail, statusCode: kind.Status, title: kind.Title, type: kind.Type, extensions: new Dictionary<string, object?> { ["code"] = kind.Code });

    /// <summary>The problem that says by HTTP what an <c>error</c> message says in a session: its code is the same, with hyphens.</summary>
    /// <param name="errorCode">One of <see cref="ErrorCodes"/> with which locations are rejected.</param>
    public static ProblemKind KindOf(string errorCode) => ProblemKind.All.Single(kind => kind.Code == errorCode.Replace('_', '-'));

    /// <summary>Gives what the framework answers with a bare status, and what fails, the same shape.</summary>
    public static void UseProblemPages(this IApplicationBuilder app)
    {
        var failures = app.ApplicationServices.GetRequiredService<FailedRequests>();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = http => http.Features.Get<IExceptionHandlerFeature>()?.Error switch
            {
                BadHttpRequestException bad => Of(ProblemKind.OfStatus(bad.StatusCode)).ExecuteAsync(http),
                { } failure => Of(failures.Report(failure)).ExecuteAsync(http),
                null => Task.CompletedTask,
            },
            SuppressDiagnosticsCallback = static _ => true, // they were logged
        });
        app.UseStatusCodePages(page => Of(ProblemKind.OfStatus(page.HttpContext.Response.StatusCode)).ExecuteAsync(page.HttpContext));
    }
}
