using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.Problems;

/// <summary>An answer that says why a request failed. Endpoints name the kinds they give by <see cref="ProblemMetadata.WithProblems"/>.</summary>
public sealed class Problem(ProblemKind kind) : IResult
{
    public ProblemKind Kind => kind;

    /// <summary>Which fields of the request are wrong, and how; for <see cref="ProblemKind.InvalidRequest"/>.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    public static Problem InvalidField(string field, string message) =>
        new(ProblemKind.InvalidRequest) { Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] } };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var details = new ProblemDetails { Status = kind.Status, Type = kind.Type, Title = kind.Title, Extensions = { ["code"] = kind.Code } };
        if (Errors is not null)
        {
            details.Extensions["errors"] = Errors;
        }

        return Write(details).ExecuteAsync(httpContext);
    }

    private static ProblemHttpResult Write(ProblemDetails details) => TypedResults.Problem(details);
}

/// <summary>Declares the problems of endpoints.</summary>
public static class ProblemMetadata
{
    /// <summary>The OpenAPI document lists these, and tests hold the endpoint to them.</summary>
    public static TBuilder WithProblems<TBuilder>(this TBuilder builder, params ProblemKind[] kinds)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint =>
        {
            foreach (var kind in kinds)
            {
                endpoint.Metadata.Add(kind);
            }
        });
        return builder;
    }
}
