using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NearbyFriends.IntegrationTests.Contract;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>One operation of the OpenAPI document, with the problem codes and the answers that it lists.</summary>
public sealed record DocumentedOperation(
    string Id, HttpMethod Method, string Path, bool NeedsToken, IReadOnlyList<(int Status, string Code)> Problems, IReadOnlyDictionary<int, JsonNode> Answers);

/// <summary>What an OpenAPI document says about answers.</summary>
public sealed partial class DocumentedAnswers
{
    private readonly List<(Regex Path, DocumentedOperation Operation)> _operations = [];
    private readonly SchemaCheck _check;

    public DocumentedAnswers(string document)
    {
        var root = JsonNode.Parse(document)!;
        _check = new SchemaCheck(root);
        foreach (var (path, operations) in root["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                _operations.Add((Pattern(path), Read(path, method, operation!)));
            }
        }
    }

    public IEnumerable<DocumentedOperation> Operations => _operations.Select(operation => operation.Operation);

    /// <summary>Fails when the document does not know the answer. What it does not list (other addresses, other methods) is no operation.</summary>
    public void Check(HttpMethod method, string path, Answer answer)
    {
        var operation = _operations.Find(candidate => candidate.Operation.Method == method && candidate.Path.IsMatch(path)).Operation;
        if (operation is null || answer.Status == 415)
        {
            return;
        }

        Assert.True(operation.Answers.TryGetValue(answer.Status, out var documented), $"{operation.Id} answers {answer.Status}, which its document does not list.");
        Assert.True(
            answer.Status < 400 || operation.Problems.Contains((answer.Status, answer.Code!)),
            $"{operation.Id} answers {answer.Status} {answer.Code}, which its document does not list.");
        if (answer.MediaType is not null)
        {
            var schema = documented["content"]?[answer.MediaType]?["schema"]?.AsObject();
            Assert.True(schema is not null, $"{operation.Id} answers {answer.Status} as {answer.MediaType}, which its document does not list.");
            Assert.Empty(answer.Body.ValueKind == JsonValueKind.Undefined ? [] : _check.Errors(schema, answer.Body, operation.Id));
        }
    }

    private static DocumentedOperation Read(string path, string method, JsonNode operation)
    {
        var answers = operation["responses"]!.AsObject().ToDictionary(response => int.Parse(response.Key, CultureInfo.InvariantCulture), response => response.Value!);
        return new DocumentedOperation(
            (string)operation["operationId"]!,
            HttpMethod.Parse(method.ToUpperInvariant()),
            path,
            operation["security"]!.ToJsonString().Contains("bearer", StringComparison.Ordinal),
            [.. answers.SelectMany(answer => Code().Matches((string)answer.Value["description"]!).Select(match => (answer.Key, match.Groups["code"].Value)))],
            answers);
    }

    private static Regex Pattern(string path) =>
        new($"^{Parameter().Replace(path, "[^/]+")}$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    [GeneratedRegex("`(?<code>[a-z-]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Code();

    [GeneratedRegex(@"\{\w+\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Parameter();
}

/// <summary>Holds every answer that the tests receive against the document.</summary>
internal sealed class DocumentedAnswersHandler(DocumentedAnswers documented) : DelegatingHandler(new SocketsHttpHandler())
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var answer = await Answer.ReadAsync(response);
        Assert.True(answer.Status < 400 || answer.MediaType == "application/problem+json", $"{answer.Status} came as {answer.MediaType}.");
        documented.Check(request.Method, request.RequestUri!.AbsolutePath, answer);
        return response;
    }
}
