using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace NearbyFriends.IntegrationTests.Contract;

/// <summary>
/// Validates JSON by the JSON Schema keywords that our document uses; any other keyword is an error, so that none is
/// silently passed over. Stricter than JSON Schema in one point: an object may have no field that is not listed,
/// because the document is to list everything.
/// </summary>
/// <param name="document">Where references lead.</param>
public sealed class SchemaCheck(JsonNode document)
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with a value, each with its path; nothing when it fits.</summary>
    public IEnumerable<string> Errors(JsonObject schema, JsonElement value, string path = "$") =>
        schema.SelectMany(keyword => Errors(keyword.Key, keyword.Value!, schema, value).Select(error => error.StartsWith('.') || error.StartsWith('[') ? path + error : $"{path}: {error}"));

    private IEnumerable<string> Errors(string keyword, JsonNode rule, JsonObject schema, JsonElement value) => keyword switch
    {
        "description" or "format" or "default" => [],
        "$ref" => Errors(Resolve((string)rule!), value, "").Select(error => error.TrimStart(':', ' ')),
        "type" => Types(rule).Any(type => IsOfType(value, type)) ? [] : [$"{value} is no {rule.ToJsonString()}"],
        "const" => value.ValueEqualsText((string)rule!) ? [] : [$"{value} is not '{rule}'"],
        "enum" => rule.AsArray().Any(option => value.ValueEqualsText((string)option!)) ? [] : [$"{value} is none of {rule.ToJsonString()}"],
        "oneOf" => rule.AsArray().Count(option => !Errors(option!.AsObject(), value).Any()) == 1 ? [] : [$"{value} does not fit one of {rule.ToJsonString()}"],
        "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= Number(rule) ? [] : [$"{value} is below {rule}"],
        "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= Number(rule) ? [] : [$"{value} is above {rule}"],
        "minLength" => Length(value) is not { } length || length >= Number(rule) ? [] : [$"is shorter than {rule}"],
        "maxLength" => Length(value) is not { } length || length <= Number(rule) ? [] : [$"is longer than {rule}"],
        "pattern" => Length(value) is null || Regex.IsMatch(value.GetString()!, (string)rule!, RegexOptions.None, PatternTimeout) ? [] : [$"{value} does not match {rule}"],
        "minItems" => Count(value) is not { } count || count >= Number(rule) ? [] : [$"has fewer than {rule} items"],
        "maxItems" => Count(value) is not { } count || count <= Number(rule) ? [] : [$"has more than {rule} items"],
        "items" => value.ValueKind != JsonValueKind.Array ? [] : value.EnumerateArray().SelectMany((item, i) => Errors(rule.AsObject(), item, $"[{i}]")),
        "required" => value.ValueKind != JsonValueKind.Object
            ? []
            : rule.AsArray().Select(name => (string)name!).Where(name => !value.TryGetProperty(name, out _)).Select(name => $".{name} is missing"),
        "additionalProperties" => value.ValueKind != JsonValueKind.Object
            ? []
            : value.EnumerateObject().SelectMany(field => Errors(rule.AsObject(), field.Value, $".{field.Name}")),
        "properties" => value.ValueKind != JsonValueKind.Object ? [] : Properties(rule.AsObject(), value),
        _ => throw new NotSupportedException($"The document uses '{keyword}', which this check does not know: {schema.ToJsonString()}"),
    };

    private JsonObject Resolve(string reference) => reference.Split('/').Skip(1).Aggregate(document, (node, step) => node[step]!).AsObject();

    private IEnumerable<string> Properties(JsonObject properties, JsonElement value) => value.EnumerateObject().SelectMany(
        field => properties[field.Name] is JsonObject schema ? Errors(schema, field.Value, $".{field.Name}") : [$".{field.Name} is not documented"]);

    private static IEnumerable<string> Types(JsonNode rule) => rule is JsonArray several ? several.Select(type => (string)type!) : [(string)rule!];

    private static bool IsOfType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new NotSupportedException($"'{type}' is no type of JSON Schema."),
    };

    private static double Number(JsonNode rule) => rule.GetValue<JsonElement>().GetDouble();

    private static int? Length(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()!.Length : null;

    private static int? Count(JsonElement value) => value.ValueKind == JsonValueKind.Array ? value.GetArrayLength() : null;
}

internal static class JsonText
{
    /// <summary>Whether a value is this text.</summary>
    public static bool ValueEqualsText(this JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);
}
