using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace NearbyFriends.Api.OpenApi;

/// <summary>Says of each property what clients meet: what is absent rather than null, what must be there, and that names are strings.</summary>
internal static class PlainSchemas
{
    // By this the framework knows that it must write a property of a type with a name as 'null, or that type'.
    private const string NullableReference = "x-is-nullable-property";

    public static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (schema.Enum is { Count: > 0 })
        {
            schema.Type ??= JsonSchemaType.String;
        }

        foreach (var property in context.JsonTypeInfo.Properties)
        {
            // Left out of an answer where it would be null, or refused in a request: never null.
            var isOmitted = Has<JsonIgnoreAttribute>(property.AttributeProvider, ignore => ignore.Condition == JsonIgnoreCondition.WhenWritingNull);
            if ((isOmitted || Has<RequiredAttribute>(property.AttributeProvider, _ => true))
                && schema.Properties?.TryGetValue(property.Name, out var described) == true && described is OpenApiSchema notNull)
            {
                notNull.Type &= ~JsonSchemaType.Null;
                notNull.Metadata?.Remove(NullableReference);
            }

            if (isOmitted)
            {
                schema.Required?.Remove(property.Name);
            }
        }

        return Task.CompletedTask;
    }

    private static bool Has<T>(ICustomAttributeProvider? property, Func<T, bool> condition) =>
        property?.GetCustomAttributes(typeof(T), inherit: true).Cast<T>().Any(condition) == true;
}
