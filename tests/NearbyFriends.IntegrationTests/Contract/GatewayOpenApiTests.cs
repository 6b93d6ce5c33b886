using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Api.AsyncApi;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.ServiceDefaults.Problems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Contract;

/// <summary>docs/openapi-gateway.yaml against the running gateway.</summary>
public sealed partial class GatewayOpenApiTests(Servers servers) : IDisposable
{
    private static readonly JsonNode Document =
        JsonNode.Parse(Yaml.Read(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "openapi-gateway.yaml"))).ToJsonString())!;

    private static readonly SchemaCheck Check = new(Document);

    // What takes a server away, a full or a draining gateway, or patience: other tests have these.
    private static readonly (int Status, string? Code)[] OfEachCall = [(500, "server-error"), (503, "unavailable")];

    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public void Each_request_and_each_answer_has_an_example_that_fits_its_schema() => Assert.All(Operations(), operation =>
    {
        var bodies = Responses(operation.Value).Select(response => response.Value).Append(operation.Value["requestBody"] as JsonObject ?? []);
        foreach (var media in bodies.SelectMany(body => body["content"] as JsonObject ?? []).Select(content => content.Value!))
        {
            var examples = ExamplesOf(media).ToList();
            Assert.NotEmpty(examples);
            Assert.All(examples, example => AssertFits(media["schema"]!, JsonSerializer.SerializeToElement(example)));
        }
    });

    [Fact]
    public void Each_problem_is_one_of_the_catalogue_and_of_its_status() => Assert.All(
        Operations().SelectMany(operation => Responses(operation.Value)).Where(response => response.Key >= 400),
        response => Assert.All(
            CodesOf(response.Value).Append((string)response.Value["content"]!["application/problem+json"]!["example"]!["code"]!),
            code => Assert.Contains(ProblemKind.All, kind => kind.Code == code && (kind.Status == response.Key || response.Key == 422))));

    [Fact]
    public async Task The_gateway_has_these_calls_takes_their_examples_and_answers_as_they_say()
    {
        await using var system = await NearbySystem.StartAsync(
            servers, ("Gateway:Origins:0", "https://map.example"), ("Gateway:UpdatesPerSecond", "0.001"), ("Gateway:UpdateBurst", "20"));
        var (ada, bo) = await system.NewFriendsAsync();
        var gateway = system.Gateways[0];

        // Sockets are in docs/asyncapi.yaml, what operators call in docs/operations.md.
        var calls = system.GatewayServices[0].GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.Trim('/'))
            .Where(path => path is not ("/" or "/health" or "/alive" or "/health/checks" or "/v1/ws") && !path.StartsWith("/v1/ops", StringComparison.Ordinal));
        Assert.Equal(Document["paths"]!.AsObject().Select(path => path.Key).Order(StringComparer.Ordinal), calls.Order(StringComparer.Ordinal));

        // Locations.
        var location = new Uri(gateway, "v1/location");
        var now = DateTimeOffset.UtcNow;
        foreach (var example in ExamplesOf(Operation("postLocations")["requestBody"]!["content"]!["application/json"]!))
        {
            Assert.Equal((202, null), await ProvokeAsync(Post(location, Bearer(ada), AtPresent(example).ToJsonString())));
        }

        string Location(DateTimeOffset time, double lat = 1) => JsonSerializer.Serialize(new { lat, lon = 0, time = time.ToUnixTimeMilliseconds() });
        List<(int Status, string? Code)> provoked =
        [
            await ProvokeAsync(Post(location, null, Location(now))),
            await ProvokeAsync(Post(location, Bearer(ada), "[]")),
            await ProvokeAsync(Post(location, Bearer(ada), new string(' ', 17_000))),
            await ProvokeAsync(Post(location, Bearer(ada), Location(now, lat: 91))),
            await ProvokeAsync(Post(location, Bearer(ada), Location(now.AddHours(1)))),
            await ProvokeAsync(Post(location, Bearer(ada), Location(now.AddHours(-25)))),
            await ProvokeAsync(Post(location, Bearer(ada), Location(now, lat: 0))),
        ];
        var device = await ada.SendAsync(HttpMethod.Post, "v1/me/devices", new { name = "Phone" });
        var login = Basic($"{device.GetProperty("userName").GetString()}:{device.GetProperty("password").GetString()}");
        Assert.Equal((202, null), await ProvokeAsync(Post(location, Bearer(bo), Location(DateTimeOffset.UtcNow, lat: 37.5665).Replace("\"lon\":0", "\"lon\":126.978", StringComparison.Ordinal))));
        await TellOwnTracksAsync(new Uri(gateway, "owntracks"), login);

        await bo.ShareAsync(false);
        provoked.Add(await ProvokeAsync(Post(location, Bearer(bo), Location(now))));
        (int Status, string? Code) last;
        do
        {
            last = await ProvokeAsync(Post(location, Bearer(ada), "[]"));
        }
        while (last.Status == 400);
        provoked.Add(last);
        AssertDocumented("postLocations", provoked);

        // Streams.
        var stream = new Uri(gateway, "v1/nearby/stream");
        using var foreign = new HttpRequestMessage(HttpMethod.Get, stream);
        foreign.Headers.Add("Origin", "https://elsewhere.example");
        AssertDocumented(
            "streamNearby",
            [await ProvokeAsync(new HttpRequestMessage(HttpMethod.Get, stream)), await ProvokeAsync(foreign)],
            notProvokedHere: [(503, "too-many-connects"), (503, "draining")]);
    }

    private async Task TellOwnTracksAsync(Uri address, AuthenticationHeaderValue login)
    {
        var operation = Operation("postOwnTracks");
        var example = AtPresent(operation["requestBody"]!["content"]!["application/json"]!["example"]!);
        using var answer = await _http.SendAsync(Post(address, login, example.ToJsonString()));

        Assert.Equal(200, (int)answer.StatusCode);
        var friends = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(2, friends.GetArrayLength());
        AssertFits(operation["responses"]!["200"]!["content"]!["application/json"]!["schema"]!, friends);
        List<(int Status, string? Code)> provoked =
        [
            await ProvokeAsync(Post(address, login, "1")),
            await ProvokeAsync(Post(address, Basic("ada:wrong"), "[]")),
        ];
        AssertDocumented("postOwnTracks", provoked, notProvokedHere: (429, "rate-limited"));
    }

    private async Task<(int Status, string? Code)> ProvokeAsync(HttpRequestMessage request)
    {
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        if (answer.IsSuccessStatusCode)
        {
            return ((int)answer.StatusCode, null);
        }

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        AssertFits(Document["components"]!["schemas"]!["Problem"]!, problem);
        return ((int)answer.StatusCode, problem.GetProperty("code").GetString());
    }

    private static void AssertDocumented(string operation, IEnumerable<(int Status, string? Code)> provoked, params (int Status, string? Code)[] notProvokedHere) => Assert.Equal(
        Responses(Operation(operation)).Where(response => response.Key >= 400)
            .SelectMany(response => CodesOf(response.Value).Select(code => (response.Key, (string?)code))).Order(),
        provoked.Concat(notProvokedHere).Concat(OfEachCall).Order());

    private static void AssertFits(JsonNode schema, JsonElement value) => Assert.Empty(Check.Errors(schema.AsObject(), value));

    /// <summary>An example, as if it were of this moment.</summary>
    private static JsonNode AtPresent(JsonNode example)
    {
        var copy = example.DeepClone();
        var now = DateTimeOffset.UtcNow;
        foreach (var point in (copy["items"] as JsonArray ?? [copy]).OfType<JsonObject>().ToList())
        {
            point[point.ContainsKey("tst") ? "tst" : "time"] = point.ContainsKey("tst") ? now.ToUnixTimeSeconds() : now.ToUnixTimeMilliseconds();
        }

        return copy;
    }

    private static HttpRequestMessage Post(Uri address, AuthenticationHeaderValue? login, string body) => new(HttpMethod.Post, address)
    {
        Content = new StringContent(body, Encoding.UTF8, "application/json"),
        Headers = { Authorization = login },
    };

    private static AuthenticationHeaderValue Bearer(TestUser user) => new("Bearer", user.Token);

    private static AuthenticationHeaderValue Basic(string login) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(login)));

    private static Dictionary<string, JsonObject> Operations() => Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject())
        .ToDictionary(operation => (string)operation.Value!["operationId"]!, operation => operation.Value!.AsObject(), StringComparer.Ordinal);

    private static JsonObject Operation(string id) => Operations()[id];

    private static IEnumerable<KeyValuePair<int, JsonObject>> Responses(JsonObject operation) => operation["responses"]!.AsObject()
        .Select(response => KeyValuePair.Create(int.Parse(response.Key), Resolve(response.Value!)));

    private static JsonObject Resolve(JsonNode node) =>
        (string?)node["$ref"] is { } reference ? reference.Split('/').Skip(1).Aggregate(Document, (from, step) => from[step]!).AsObject() : node.AsObject();

    private static IEnumerable<JsonNode> ExamplesOf(JsonNode media) =>
        (media["examples"] as JsonObject ?? []).Select(example => example.Value!["value"]).Append(media["example"]).OfType<JsonNode>();

    /// <summary>The problems to which the description of a response leads.</summary>
    private static IEnumerable<string> CodesOf(JsonObject response) =>
        ProblemLink().Matches((string)response["description"]!).Select(link => link.Groups["code"].Value);

    [GeneratedRegex(@"\(/problems/(?<code>[a-z-]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex ProblemLink();
}
