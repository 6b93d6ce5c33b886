using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using NearbyFriends.Api.FriendSource;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.OpenApi;

/// <summary>What the document says of an operation beyond its handler's types.</summary>
internal static class OperationDescriptions
{
    private const string IdPattern = "^[0-9]{1,19}$";

    private static readonly Dictionary<string, IOpenApiHeader> RetryAfter = new(StringComparer.Ordinal)
    {
        ["Retry-After"] = new OpenApiHeader { Description = "Seconds", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } },
    };

    // Of parameters that mean the same wherever they stand and are not described there.
    private static readonly Dictionary<string, string> Parameters = new(StringComparer.Ordinal)
    {
        ["cursor"] = "Of the answer before; absent at first",
        ["id"] = "As in the list",
        ["limit"] = "The most that the answer holds",
        ["userId"] = "Id of a user, a decimal string",
    };

    private static readonly ProblemKind[] Everywhere = [ProblemKind.RateLimited, ProblemKind.ServerError, ProblemKind.Unavailable];

    public static Task RequireCredentialsAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var scheme = metadata.OfType<IAuthorizeData>().Any(data => data.Policy == OperatorPolicy.Name) ? ApiDocument.OperatorKey
            : metadata.OfType<FriendsKeyRequired>().Any() ? ApiDocument.FriendsKey
            : metadata.OfType<IAuthorizeData>().Any() ? ApiDocument.Bearer
            : null;
        operation.Security = scheme is null ? [] : [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [] }];
        return Task.CompletedTask;
    }

    public static Task ListProblemsAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Responses ??= [];
        var kinds = context.Description.ActionDescriptor.EndpointMetadata.OfType<ProblemKind>().Concat(Everywhere).Distinct();
        foreach (var ofStatus in kinds.GroupBy(kind => kind.Status).OrderBy(ofStatus => ofStatus.Key))
        {
            operation.Responses[ofStatus.Key.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Headers = ofStatus.Key == StatusCodes.Status429TooManyRequests ? RetryAfter : null,
                Description = string.Join("\n\n", ofStatus.Select(kind => $"[`{kind.Code}`](/problems/{kind.Code}): {kind.Title}")),
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/problem+json"] = new()
                    {
                        Schema = new OpenApiSchemaReference(ApiDocument.ProblemSchema, context.Document),
                        Examples = ofStatus.ToDictionary(
                            kind => kind.Code, IOpenApiExample (kind) => new OpenApiExample { Summary = kind.Title, Value = Example(kind, operation) }),
                    },
                },
            };
        }

        return Task.CompletedTask;
    }

    /// <summary>Ids in paths are numbers here and strings to clients, whose numbers may hold 53 bits only.</summary>
    public static Task DescribeParametersAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            parameter.Description ??= Parameters.GetValueOrDefault(parameter.Name ?? "");
            if (parameter.In == ParameterLocation.Path && parameter.Schema?.Format == "int64")
            {
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = IdPattern };
            }
        }

        return Task.CompletedTask;
    }

    public static Task ShowExamplesAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (!Examples.ByOperation.TryGetValue(operation.OperationId ?? "", out var example))
        {
            return Task.CompletedTask;
        }

        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            if (example.Parameters.TryGetValue(parameter.Name ?? "", out var value))
            {
                parameter.Example = parameter.Schema?.Type?.HasFlag(JsonSchemaType.String) == true ? value : JsonNode.Parse(value);
            }
        }

        var json = context.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        foreach (var media in operation.RequestBody?.Content?.Values ?? [])
        {
            media.Example = WithoutNulls(JsonSerializer.SerializeToNode(example.Request, json));
        }

        foreach (var (status, body) in example.Answers)
        {
            foreach (var media in operation.Responses![status.ToString(CultureInfo.InvariantCulture)].Content!.Values)
            {
                media.Example = JsonSerializer.SerializeToNode(body, json);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>What a client leaves out is not shown as null.</summary>
    private static JsonNode? WithoutNulls(JsonNode? request) => request is JsonObject members
        ? new JsonObject(members.Where(member => member.Value is not null).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())))
        : request;

    private static JsonObject Example(ProblemKind kind, OpenApiOperation operation)
    {
        var problem = new JsonObject { ["type"] = kind.Type, ["title"] = kind.Title, ["status"] = kind.Status, ["code"] = kind.Code };
        if (kind == ProblemKind.InvalidRequest)
        {
            problem["errors"] = operation.Parameters?.FirstOrDefault()?.Name is { } parameter
                ? new JsonObject { [parameter] = new JsonArray("The value is missing or has the wrong form.") }
                : new JsonObject { ["body"] = new JsonArray("A JSON object is expected.") };
        }

        return problem;
    }
}
