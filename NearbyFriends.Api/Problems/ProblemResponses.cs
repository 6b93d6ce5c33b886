using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.Problems;

/// <summary>Gives every failure that does not come from an endpoint the same shape as those that do.</summary>
public static partial class ProblemResponses
{
    public static IServiceCollection AddProblemResponses(this IServiceCollection services)
    {
        // What cannot be bound is thrown in every environment, so that one place words it.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddExceptionHandler<ExceptionProblems>();
        services.AddProblemDetails(options => options.CustomizeProblemDetails = Complete);
        return services;
    }

    public static IApplicationBuilder UseProblemResponses(this IApplicationBuilder app) => app
        .UseExceptionHandler()
        .UseStatusCodePages(page => new Problem(ProblemKind.OfStatus(page.HttpContext.Response.StatusCode)).ExecuteAsync(page.HttpContext));

    // The framework's own problems, such as those of parameter validation, get a code and the fields' JSON names.
    private static void Complete(ProblemDetailsContext context)
    {
        if (context.ProblemDetails.Extensions.ContainsKey("code"))
        {
            return;
        }

        if (context.ProblemDetails is HttpValidationProblemDetails invalid)
        {
            invalid.Errors = invalid.Errors.ToDictionary(error => JsonNamingPolicy.CamelCase.ConvertName(error.Key), error => error.Value, StringComparer.Ordinal);
        }

        var kind = ProblemKind.OfStatus(context.ProblemDetails.Status ?? StatusCodes.Status500InternalServerError);
        context.ProblemDetails.Type = kind.Type;
        context.ProblemDetails.Title = kind.Title;
        context.ProblemDetails.Extensions["code"] = kind.Code;
    }

    private sealed class ExceptionProblems(FailedRequests failures) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            var problem = exception is BadHttpRequestException bad ? OfBadRequest(bad) : new Problem(failures.Report(exception));
            await problem.ExecuteAsync(httpContext);
            return true;
        }
    }

    private static Problem OfBadRequest(BadHttpRequestException bad)
    {
        if (bad.StatusCode != StatusCodes.Status400BadRequest)
        {
            return new Problem(ProblemKind.OfStatus(bad.StatusCode));
        }

        if (bad.InnerException is JsonException json)
        {
            var path = (json.Path ?? "").TrimStart('$').TrimStart('.');
            return path == ""
                ? Problem.InvalidField("body", "The body is not the JSON object that is expected.")
                : Problem.InvalidField(path, "The value is malformed or of the wrong type.");
        }

        // The exception names the parameter in its message only:
        // Failed to bind parameter "int limit" from "x". Required parameter "string userName" was not provided from query string.
        var name = ParameterName().Match(bad.Message);
        return name.Success
            ? Problem.InvalidField(name.Groups["name"].Value, "The value is missing or has the wrong form.")
            : Problem.InvalidField("body", "A JSON object is expected.");
    }

    [GeneratedRegex("""parameter "\S+ (?<name>\w+)" (from "|was not provided from (query|route))""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex ParameterName();
}
