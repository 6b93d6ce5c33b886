using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using NearbyFriends.Api.FriendSource;
using NearbyFriends.Api.Problems;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.Authentication;

namespace NearbyFriends.Api.OpenApi;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>: what the endpoints declare, the bearer scheme, and every problem.</summary>
public static class ApiDocument
{
    private const string FriendsKey = "friendsKey";
    private const string OperatorKey = "operatorKey";
    private const string Bearer = "bearer";
    private const string ProblemSchema = "Problem";
    private static readonly ProblemKind[] Everywhere = [ProblemKind.RateLimited, ProblemKind.ServerError, ProblemKind.Unavailable];

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "NearbyFriends",
                Version = "v1",
                Description = "Ids are decimal strings, times Unix milliseconds UTC, distances metres, positions degrees WGS 84. Unknown fields are ignored.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "An access token; in Development from POST /v1/dev/tokens.",
            };
            document.Components.SecuritySchemes[FriendsKey] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = FriendApi.KeyHeader,
                Description = "For other services: Friends:ApiKey.",
            };
            document.Components.SecuritySchemes[OperatorKey] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = OperatorPolicy.Header,
                Description = "For operators: Auth:OperatorKey. A token with the role operator serves as well.",
            };
            document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
            document.Components.Schemas[ProblemSchema] = Problem();
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(DescribeAsync);
    });

    private static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<IAuthorizeData>().Any(data => data.Policy == OperatorPolicy.Name))
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(OperatorKey, context.Document)] = [] }];
        }
        else if (metadata.OfType<IAuthorizeData>().Any())
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
        }
        else if (metadata.OfType<FriendsKeyRequired>().Any())
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(FriendsKey, context.Document)] = [] }];
        }

        operation.Responses ??= [];
        foreach (var kinds in metadata.OfType<ProblemKind>().Concat(Everywhere).Distinct().GroupBy(kind => kind.Status).OrderBy(kinds => kinds.Key))
        {
            operation.Responses[kinds.Key.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = string.Join("\n", kinds.Select(kind => $"`{kind.Code}`: {kind.Title}")),
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(ProblemSchema, context.Document) },
                },
            };
        }

        return Task.CompletedTask;
    }

    private static OpenApiSchema Problem() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "RFC 9457 problem details.",
        Required = new HashSet<string>(StringComparer.Ordinal) { "type", "title", "status", "code" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri", Description = "Stable; ends with the code." },
            ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
            ["code"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Stable; by it clients tell problems apart." },
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "With code invalid-request: the fields that are wrong, and how.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
        },
    };
}
