using Microsoft.OpenApi;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.Authentication;

namespace NearbyFriends.Api.OpenApi;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>: what the endpoints declare, who may call them, every problem, and examples.</summary>
public static class ApiDocument
{
    internal const string FriendsKey = "friendsKey";
    internal const string OperatorKey = "operatorKey";
    internal const string Bearer = "bearer";
    internal const string ProblemSchema = "Problem";

    private const string Description = """
        Ids are decimal strings, times Unix milliseconds UTC, distances metres, positions degrees WGS 84. Unknown fields are ignored.

        The gateway has calls of its own ([OpenAPI document](/openapi/gateway.json)), and [sockets and streams](/asyncapi). A failed call is
        answered with one of the [problem types](/problems).
        """;

    private static readonly Dictionary<string, string> Tags = new(StringComparer.Ordinal)
    {
        ["Users"] = "Registering, and finding others by name.",
        ["Me"] = "Your own account: name, sharing, who finds you.",
        ["Devices"] = "Devices that know no tokens, such as a phone with the OwnTracks app.",
        ["History"] = "Your own locations, as pages and as files.",
        ["Friend requests"] = "Asking for friendship, and answering.",
        ["Friends"] = "Your friends, and what each sees of you.",
        ["Blocks"] = "Whom you do not want to know.",
        ["Alerts"] = "Being told when friends come near.",
        ["Push"] = "Web Push: alerts and friend requests while no session is open.",
        ["Nearby"] = "The friends around you, for clients that only want to look once.",
        ["Tickets"] = "For browsers, which cannot send a token when they open a socket or a stream.",
        ["Operations"] = "For operators.",
        ["Friend source"] = "For gateways that read users and friendships over HTTP; not for clients.",
        ["Development"] = "Tokens without a login, in Development only.",
    };

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", options => options
        .AddSchemaTransformer(PlainSchemas.DescribeAsync)
        .AddOperationTransformer(OperationDescriptions.RequireCredentialsAsync)
        .AddOperationTransformer(OperationDescriptions.ListProblemsAsync)
        .AddOperationTransformer(OperationDescriptions.DescribeParametersAsync)
        .AddOperationTransformer(OperationDescriptions.ShowExamplesAsync)
        .AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "NearbyFriends", Version = "v1", Description = Description };
            foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>())
            {
                tag.Description = Tags[tag.Name!];
            }

            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [Bearer] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    BearerFormat = "JWT",
                    Description = "An access token; in Development from POST /v1/dev/tokens.",
                },
                [FriendsKey] = Key(FriendApi.KeyHeader, "For other services: Friends:ApiKey."),
                [OperatorKey] = Key(OperatorPolicy.Header, "For operators: Auth:OperatorKey. A token with the role operator serves as well."),
            };
            document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
            document.Components.Schemas[ProblemSchema] = Problem();
            return Task.CompletedTask;
        }));

    private static OpenApiSecurityScheme Key(string header, string description) =>
        new() { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = header, Description = description };

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
            ["traceId"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Names the request to those who operate the server." },
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "With code invalid-request: the fields that are wrong, and how.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
        },
    };
}
