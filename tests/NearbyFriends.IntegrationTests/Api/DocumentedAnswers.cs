using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>One operation of the OpenAPI document, and the statuses and problem codes that it lists.</summary>
public sealed record DocumentedOperation(
    string Id, HttpMethod Method, string Path, bool NeedsToken, IReadOnlyList<(int Status, string Code)> Problems, IReadOnlySet<int> Statuses);

/// <summary>What an OpenAPI document says about answers.</summary>
public sealed partial class DocumentedAnswers
{
    private readonly List<(Regex Path, DocumentedOperation Operation)> _operations = [];

    public DocumentedAnswers(string document)
    {
        foreach (var path in JsonDocument.Parse(document).RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(member => member.Value.TryGetProperty("responses", out _)))
            {
                _operations.Add((Pattern(path.Name), Read(path.Name, operation)));
            }
        }
    }

    public IEnumerable<DocumentedOperation> Operations => _operations.Select(operation => operation.Operation);

    /// <summary>Fails when the document does not know the answer. What it does not list (other addresses, other methods) is no operation.</summary>
    public void Check(HttpMethod method, string path, int status, string? code)
    {
        var operation = _operations.Find(candidate => candidate.Operation.Method == method && candidate.Path.IsMatch(path)).Operation;
        if (operation is null || status == 415)
        {
            return;
        }

        Assert.True(operation.Statuses.Contains(status), $"{operation.Id} answers {status}, which its document does not list.");
        Assert.True(
            code is null || operation.Problems.Contains((status, code)), $"{operation.Id} answers {status} {code}, which its document does not list.");
    }

    private static DocumentedOperation Read(string path, JsonProperty operation)
    {
        var responses = operation.Value.GetProperty("responses").EnumerateObject()
            .Select(response => (Status: int.Parse(response.Name, CultureInfo.InvariantCulture), Description: response.Value.GetProperty("description").GetString()!))
            .ToArray();
        return new DocumentedOperation(
            operation.Value.GetProperty("operationId").GetString()!,
            HttpMethod.Parse(operation.Name.ToUpperInvariant()),
            path,
            operation.Value.TryGetProperty("security", out var security) && security.ToString().Contains("bearer", StringComparison.Ordinal),
            [.. responses.SelectMany(response => Code().Matches(response.Description).Select(match => (response.Status, match.Groups["code"].Value)))],
            responses.Select(response => response.Status).ToHashSet());
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
        documented.Check(request.Method, request.RequestUri!.AbsolutePath, answer.Status, answer.Status < 400 ? null : answer.Code);
        return response;
    }
}
