using System.Text.Json;
using System.Text.Json.Nodes;
using NearbyFriends.Api.AsyncApi;

namespace NearbyFriends.IntegrationTests.Contract;

/// <summary>docs/asyncapi.yaml, as it ships.</summary>
public sealed class AsyncApiDocument
{
    private readonly JsonNode _root;
    private readonly SchemaCheck _check;
    private readonly Dictionary<string, JsonObject> _fromServer;

    private AsyncApiDocument(JsonNode root)
    {
        _root = root;
        _check = new SchemaCheck(root);
        _fromServer = Messages("send").ToDictionary(TypeOf, StringComparer.Ordinal);
    }

    public static AsyncApiDocument Shipped { get; } =
        new(JsonNode.Parse(Yaml.Read(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "asyncapi.yaml"))).ToJsonString())!);

    /// <summary>The codes that <c>error</c> lists.</summary>
    public IReadOnlyList<string> ErrorCodes =>
        [.. Resolve("#/components/messages/error/payload/properties/code")["enum"]!.AsArray().Select(code => (string)code!)];

    /// <summary>The codes in the first column of a table of the description, below its heading.</summary>
    public IReadOnlyList<string> CodesBelow(string heading) =>
    [
        .. ((string)_root["info"]!["description"]!).Split("## ").Single(section => section.StartsWith(heading, StringComparison.Ordinal)).Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1) // the table's head
            .SelectMany(row => row.Split('|')[1].Replace("*", "", StringComparison.Ordinal).Split(','))
            .Select(code => code.Trim(' ', '`')),
    ];

    /// <summary>The messages of the operation with this action: <c>receive</c> is what clients send, <c>send</c> what the server does.</summary>
    public IEnumerable<JsonObject> Messages(string action) => _root["operations"]!.AsObject()
        .Where(operation => (string)operation.Value!["action"]! == action)
        .SelectMany(operation => operation.Value!["messages"]!.AsArray())
        .Select(message => Resolve((string)Resolve((string)message!["$ref"]!)["$ref"]!))
        .DistinctBy(TypeOf);

    /// <summary>The <c>type</c> by which a message is told on the wire.</summary>
    public static string TypeOf(JsonObject message) => (string)message["payload"]!["properties"]!["type"]!["const"]!;

    /// <summary>The examples of a message, as JSON.</summary>
    public static IEnumerable<string> ExamplesOf(JsonObject message) => message["examples"]!.AsArray().Select(example => example!["payload"]!.ToJsonString());

    /// <summary>Fails when a message of the server is none that the document describes.</summary>
    public void CheckFromServer(JsonElement message)
    {
        Assert.True(_fromServer.TryGetValue(message.GetProperty("type").GetString()!, out var documented), $"This message is not documented: {message}");
        Check(documented, message);
    }

    /// <summary>Fails when a value does not fit a message's schema.</summary>
    public void Check(JsonObject message, JsonElement value)
    {
        var errors = _check.Errors(message["payload"]!.AsObject(), value).ToArray();
        Assert.True(errors.Length == 0, $"{value} is not what docs/asyncapi.yaml says: {string.Join("; ", errors)}");
    }

    private JsonObject Resolve(string reference)
    {
        var node = _root;
        foreach (var step in reference.Split('/').Skip(1))
        {
            node = node[step] ?? throw new KeyNotFoundException($"The document has no {reference}.");
        }

        return node.AsObject();
    }
}
