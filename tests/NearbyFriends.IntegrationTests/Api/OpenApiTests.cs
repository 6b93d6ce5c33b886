using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Api.History;
using NearbyFriends.Api.OpenApi;
using NearbyFriends.IntegrationTests.Contract;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>The OpenAPI document as the Api serves it: plain types, and examples that fit them.</summary>
[Collection(ApiCollection.Name)]
public sealed partial class OpenApiTests(ApiReplicas api) : IAsyncLifetime
{
    private JsonNode _document = null!;
    private SchemaCheck _check = null!;

    public async ValueTask InitializeAsync()
    {
        using var http = new HttpClient { BaseAddress = api.First.ClientOptions.BaseAddress };
        _document = JsonNode.Parse(await http.GetStringAsync(new Uri("openapi/v1.json", UriKind.Relative)))!;
        _check = new SchemaCheck(_document);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public void Each_schema_has_one_type_besides_null()
    {
        var unions =
            from schema in Objects(_document)
            where (schema["type"] is JsonArray types && types.Count(type => (string)type! != "null") != 1) || schema["oneOf"] is not null || schema["anyOf"] is not null
            select $"{schema.GetPath()}: {schema.ToJsonString()}";

        Assert.Empty(unions);
    }

    [Fact]
    public void Each_id_is_a_string()
    {
        var fields =
            from schema in Objects(_document)
            from field in schema["properties"] as JsonObject ?? []
            where field.Key is "id" or "userId" or "otherId"
            select field.Value!;
        var parameters = Operations().SelectMany(Parameters).Where(parameter => (string)parameter["in"]! == "path").Select(parameter => parameter["schema"]!).ToList();

        Assert.NotEmpty(parameters);
        Assert.All(fields.Concat(parameters), schema => Assert.Contains("\"string\"", schema["type"]!.ToJsonString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Each_operation_says_what_it_is_and_who_may_call_it()
    {
        var tags = _document["tags"]!.AsArray().Where(tag => (string?)tag!["description"] is { Length: > 0 }).Select(tag => (string)tag!["name"]!).ToHashSet();

        Assert.All(Operations(), operation =>
        {
            Assert.Matches(OperationId(), (string)operation["operationId"]!);
            Assert.NotEmpty((string)operation["summary"]!);
            Assert.Contains((string)operation["tags"]!.AsArray().Single()!, tags);
            Assert.NotNull(operation["security"]);
            Assert.All(Parameters(operation), parameter => Assert.NotEmpty((string)parameter["description"]!));
        });
        Assert.Equal(Operations().Count(), Operations().Select(operation => (string)operation["operationId"]!).Distinct().Count());
    }

    [Fact]
    public void Each_request_and_each_answer_has_an_example_that_fits_its_schema()
    {
        Assert.All(Operations(), operation =>
        {
            Assert.DoesNotContain(Parameters(operation), parameter => (bool?)parameter["required"] == true && parameter["example"] is null);
            foreach (var parameter in Parameters(operation).Where(parameter => parameter["example"] is not null))
            {
                Check(parameter["schema"]!, parameter["example"]!);
            }

            var bodies = operation["responses"]!.AsObject().Select(response => response.Value!).Append(operation["requestBody"] ?? new JsonObject());
            foreach (var media in bodies.SelectMany(body => body["content"] as JsonObject ?? []).Select(content => content.Value!))
            {
                var examples = (media["examples"] as JsonObject ?? []).Select(example => example.Value!["value"]!).Append(media["example"]).OfType<JsonNode>().ToList();
                Assert.NotEmpty(examples);
                examples.ForEach(example => Check(media["schema"]!, example));
            }
        });
    }

    [Fact]
    public void Each_example_is_of_the_type_that_the_endpoint_takes_or_answers()
    {
        var endpoints = api.First.Services.GetRequiredService<IApiDescriptionGroupCollectionProvider>().ApiDescriptionGroups.Items.SelectMany(group => group.Items)
            .ToDictionary(endpoint => endpoint.ActionDescriptor.EndpointMetadata.OfType<IEndpointNameMetadata>().Single().EndpointName);

        Assert.Equal(endpoints.Keys.Order(StringComparer.Ordinal), Examples.ByOperation.Keys.Order(StringComparer.Ordinal));
        Assert.All(Examples.ByOperation, operation =>
        {
            var endpoint = endpoints[operation.Key];
            var body = endpoint.ParameterDescriptions.SingleOrDefault(parameter => parameter.Source == BindingSource.Body);
            Assert.Equal(body?.Type, operation.Value.Request?.GetType());
            foreach (var answer in endpoint.SupportedResponseTypes.Where(answer => answer.StatusCode < 300 && answer.Type is { } type && type != typeof(void)))
            {
                Assert.IsType(answer.Type!, operation.Value.Answers[answer.StatusCode], exactMatch: false);
            }
        });
    }

    [Fact]
    public async Task The_server_takes_each_example_of_a_body()
    {
        foreach (var operation in Operations().Where(operation => operation["requestBody"] is not null))
        {
            var caller = (await api.First.RegisterAsync()).Call;
            caller.Headers.Add("X-Friends-Key", ApiServer.FriendsKey);
            var (method, path) = Address(operation);
            foreach (var parameter in Parameters(operation))
            {
                path = path.Replace($"{{{parameter["name"]}}}", (string)parameter["example"]!, StringComparison.Ordinal);
            }

            using var body = new StringContent(operation["requestBody"]!["content"]!["application/json"]!["example"]!.ToJsonString(), Encoding.UTF8, "application/json");
            var answer = await caller.SendAsync(method, path.TrimStart('/'), body);

            Assert.NotEqual(((string)operation["operationId"]!, 400), ((string)operation["operationId"]!, answer.Status));
        }
    }

    [Fact]
    public async Task The_examples_of_files_are_what_a_history_of_these_points_is_written_as()
    {
        var gpx = await WriteAsync(HistoryFileFormat.Gpx);
        var geoJson = await WriteAsync(HistoryFileFormat.GeoJson);

        Assert.Equal(XDocument.Parse(gpx).ToString(), XDocument.Parse((string)Examples.ByOperation["exportHistoryAsGpx"].Answers[200]).ToString());
        Assert.Equal(geoJson, ((JsonNode)Examples.ByOperation["exportHistoryAsGeoJson"].Answers[200]).ToJsonString());
    }

    private static async Task<string> WriteAsync(HistoryFileFormat format)
    {
        using var body = new MemoryStream();
        var http = new DefaultHttpContext { Response = { Body = body } };
        await new HistoryFile(Examples.Walk.Reverse().ToAsyncEnumerable(), format).ExecuteAsync(http);
        await http.Response.BodyWriter.FlushAsync(TestContext.Current.CancellationToken);
        body.Position = 0;
        using var reader = new StreamReader(body);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private void Check(JsonNode schema, JsonNode example) =>
        Assert.Empty(_check.Errors(schema.AsObject(), JsonSerializer.SerializeToElement(example)).Select(error => $"{example.GetPath()} {error}"));

    private IEnumerable<JsonObject> Operations() =>
        _document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!.AsObject());

    private static IEnumerable<JsonNode> Parameters(JsonObject operation) => (operation["parameters"] as JsonArray ?? []).OfType<JsonNode>();

    private static (HttpMethod Method, string Path) Address(JsonObject operation) =>
        (HttpMethod.Parse(operation.GetPropertyName().ToUpperInvariant()), operation.Parent!.GetPropertyName());

    /// <summary>All objects within a node, examples excepted.</summary>
    private static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject one => one.Where(member => member.Key is not ("example" or "examples")).SelectMany(member => Objects(member.Value)).Prepend(one),
        JsonArray list => list.SelectMany(Objects),
        _ => [],
    };

    [GeneratedRegex("^[a-z][A-Za-z]+$", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex OperationId();
}
