using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using NearbyFriends.Api.Pages;

namespace NearbyFriends.Api.AsyncApi;

/// <summary>
/// An AsyncAPI 3 document as a page: the description, the channels, and each message with its fields and examples. Knows the parts
/// of the format that docs/asyncapi.yaml uses.
/// </summary>
internal sealed class AsyncApiPage
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonNode _document;

    private AsyncApiPage(JsonNode document) => _document = document;

    public static HtmlPage Of(JsonNode document) => new((string)document["info"]!["title"]!, new AsyncApiPage(document).Body());

    private string Body() => $"""
        <nav aria-label="Documents">Sockets and streams, version {HtmlText.FromPlain((string)_document["info"]!["version"]!)} ·
        <a href="/asyncapi.yaml">AsyncAPI document</a> · OpenAPI documents of the
        <a href="/openapi/v1.json">Api</a> and the <a href="/openapi/gateway.json">gateway</a> · <a href="/problems">Problem types</a></nav>
        {HtmlText.FromMarkdown((string)_document["info"]!["description"]!)}
        <h2>Addresses</h2>
        {string.Concat(_document["channels"]!.AsObject().Select(channel => Channel(channel.Value!)))}
        <h2>What clients send</h2>
        {Messages("receive", "Messages that clients send")}
        <h2>What the gateway sends</h2>
        {Messages("send", "Messages that the gateway sends")}
        """;

    private static string Channel(JsonNode channel) => $"""
        <h3><code>{channel["address"]}</code></h3>
        {HtmlText.FromMarkdown((string)channel["title"]!)}{HtmlText.FromMarkdown((string?)channel["description"])}
        """;

    /// <summary>The messages of all operations with an action.</summary>
    /// <param name="action">The gateway's: <c>receive</c> is what clients send.</param>
    /// <param name="contents">Names the list of links, for a screen reader.</param>
    private string Messages(string action, string contents)
    {
        var messages =
            from operation in _document["operations"]!.AsObject().Select(operation => operation.Value!)
            where (string)operation["action"]! == action
            from message in operation["messages"]!.AsArray()
            group (string)Resolve(operation["channel"]!)["address"]! by Resolve(message!);
        var sections = messages.Select(message => (Type: TypeOfMessage(message.Key), Html: Message(message.Key, action, message))).ToList();
        return $"""
            <nav aria-label="{contents}">{string.Join(" · ", sections.Select(section => $"<a href=\"#{action}-{section.Type}\">{section.Type}</a>"))}</nav>
            {string.Concat(sections.Select(section => section.Html))}
            """;
    }

    private string TypeOfMessage(JsonNode message) => (string)Resolve(message["payload"]!)["properties"]!["type"]!["const"]!;

    private string Message(JsonNode message, string action, IEnumerable<string> addresses)
    {
        var (type, payload) = (TypeOfMessage(message), Resolve(message["payload"]!));
        return $"""
            <h3 id="{action}-{type}"><code>{type}</code></h3>
            {HtmlText.FromMarkdown((string?)message["summary"])}{HtmlText.FromMarkdown((string?)message["description"])}
            <p>By {string.Join(", ", addresses.Select(address => $"<code>{address}</code>"))}.</p>
            {Table(Fields(payload, "").Where(field => field.Path != "type").ToList())}
            {string.Concat(message["examples"]!.AsArray().Select(example => Example(example!["payload"]!)))}
            """;
    }

    private static string Example(JsonNode payload) => $"<pre>{HtmlText.FromPlain(payload.ToJsonString(Indented))}</pre>\n";

    private string Table(List<Field> fields) => fields.Count == 0 ? "" : $"""
        <table>
        <tr><th>Field</th><th>Type</th><th>Meaning</th></tr>
        {string.Concat(fields.Select(Row))}
        </table>
        """;

    private string Row(Field field) => $"""
        <tr><td><code>{field.Path}</code>{(field.IsRequired ? "" : " optional")}</td>
        <td>{HtmlText.FromPlain(TypeOf(field.Schema))}</td><td>{HtmlText.FromMarkdown((string?)field.Schema["description"])}</td></tr>

        """;

    /// <summary>The fields of an object, each followed by its own.</summary>
    private IEnumerable<Field> Fields(JsonNode schema, string prefix)
    {
        var required = schema["required"]?.AsArray().Select(name => (string)name!).ToHashSet(StringComparer.Ordinal) ?? [];
        foreach (var (name, property) in schema["properties"]!.AsObject())
        {
            var value = Resolve(property!);
            yield return new(prefix + name, value, required.Contains(name));
            var (inner, path) = value["items"] is { } items ? (Resolve(items), $"{prefix}{name}[].") : (value, $"{prefix}{name}.");
            if (inner["properties"] is not null)
            {
                foreach (var field in Fields(inner, path))
                {
                    yield return field;
                }
            }
        }
    }

    private string TypeOf(JsonNode schema) =>
        schema["enum"] is { } values ? string.Join(" | ", values.AsArray().Select(value => (string)value!))
        : schema["items"] is { } items ? $"array of {TypeOf(Resolve(items))}{Range(schema, "minItems", "maxItems", " items")}"
        : (schema["type"] is JsonArray types ? string.Join(" or ", types.Select(type => (string)type!)) : (string)schema["type"]!)
            + Range(schema, "minimum", "maximum", "") + Range(schema, "minLength", "maxLength", " characters");

    private static string Range(JsonNode schema, string least, string most, string unit) => (schema[least], schema[most]) switch
    {
        ({ } min, { } max) => $", {min} to {max}{unit}",
        ({ } min, null) => $", at least {min}{unit}",
        (null, { } max) => $", at most {max}{unit}",
        _ => "",
    };

    /// <summary>What a reference leads to, if need be over several; anything else is itself.</summary>
    private JsonNode Resolve(JsonNode node)
    {
        while ((string?)(node as JsonObject)?["$ref"] is { } reference)
        {
            node = reference.Split('/').Skip(1).Aggregate(_document, (from, step) => from[step]!);
        }

        return node;
    }

    // The path is such as friends[].lat.
    private sealed record Field(string Path, JsonNode Schema, bool IsRequired);
}
