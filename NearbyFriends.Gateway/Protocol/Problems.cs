using Microsoft.AspNetCore.Http.HttpResults;

namespace NearbyFriends.Gateway.Protocol;

/// <summary>Errors of the gateway's HTTP calls: RFC 9457 problem details with a stable type.</summary>
public static class Problems
{
    /// <summary>A problem whose type ends in <paramref name="code"/>, with hyphens.</summary>
    public static ProblemHttpResult Of(int status, string code, string detail)
    {
        var hyphened = code.Replace('_', '-');
        return TypedResults.Problem(
            detail,
            statusCode: status,
            type: $"https://nearbyfriends.dev/problems/{hyphened}",
            extensions: new Dictionary<string, object?> { ["code"] = hyphened });
    }

    /// <summary>Gives what the framework answers with a bare status the same shape.</summary>
    public static void UseProblemPages(this IApplicationBuilder app) => app.UseStatusCodePages(page => (page.HttpContext.Response.StatusCode switch
    {
        StatusCodes.Status401Unauthorized => Of(StatusCodes.Status401Unauthorized, "unauthenticated", "Credentials are needed."),
        StatusCodes.Status403Forbidden => Of(StatusCodes.Status403Forbidden, "forbidden", "The credentials do not allow this."),
        StatusCodes.Status404NotFound => Of(StatusCodes.Status404NotFound, "not-found", "There is no such address."),
        StatusCodes.Status405MethodNotAllowed => Of(StatusCodes.Status405MethodNotAllowed, "method-not-allowed", "This address does not take the method."),
        StatusCodes.Status415UnsupportedMediaType => Of(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "The body must be application/json."),
        var status => Of(status, status < 500 ? "invalid-request" : "server-error", status < 500 ? "The request is malformed." : "The server failed."),
    }).ExecuteAsync(page.HttpContext));
}
