using System.Net;
using System.Text.Json;
using NearbyFriends.IntegrationTests.Contract;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>What people read who write clients.</summary>
[Collection(ApiCollection.Name)]
public sealed class DeveloperPageTests(ApiReplicas api) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = api.First.ClientOptions.BaseAddress };

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task The_path_of_each_problem_type_leads_to_a_page_about_it_and_the_catalogue_lists_it()
    {
        var catalogue = await ReadAsync("/problems");
        foreach (var kind in ProblemKind.All)
        {
            var page = await ReadAsync(new Uri(kind.Type).AbsolutePath);

            Assert.Contains($"<code>{kind.Type}</code>", page, StringComparison.Ordinal);
            Assert.Contains($"<td>{kind.Status} ", page, StringComparison.Ordinal);
            Assert.Contains($"href=\"/problems/{kind.Code}\"", catalogue, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_problem_type_has_a_code_of_its_own()
    {
        Assert.Distinct(ProblemKind.All.Select(kind => kind.Code));
    }

    [Fact]
    public async Task There_is_no_page_about_a_problem_type_that_does_not_exist()
    {
        using var answer = await _http.GetAsync(new Uri("/problems/boredom", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task The_contract_of_sockets_is_served_as_it_stands_in_docs_and_as_a_page_of_every_message()
    {
        var document = await ReadAsync("/asyncapi.yaml");
        var page = await ReadAsync("/asyncapi");

        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "asyncapi.yaml"), TestContext.Current.CancellationToken), document);
        Assert.All(AsyncApiDocument.Shipped.Messages("receive"), message => Assert.Contains($"id=\"receive-{AsyncApiDocument.TypeOf(message)}\"", page, StringComparison.Ordinal));
        Assert.All(AsyncApiDocument.Shipped.Messages("send"), message => Assert.Contains($"id=\"send-{AsyncApiDocument.TypeOf(message)}\"", page, StringComparison.Ordinal));
        Assert.Contains("<code>friends[].approximate</code>", page, StringComparison.Ordinal);
        Assert.Contains("id=\"errors\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_contract_of_the_gateways_calls_is_served_with_the_address_where_they_are_tried_out()
    {
        var document = JsonElement.Parse(await ReadAsync("/openapi/gateway.json"));

        Assert.True(document.GetProperty("paths").TryGetProperty("/v1/location", out _));
        Assert.Equal("/", document.GetProperty("servers")[0].GetProperty("url").GetString());
        Assert.Contains("/openapi/gateway.json", await ReadAsync("/docs/index.js"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_reference_page_runs_the_script_that_signs_it_in()
    {
        Assert.Contains("src='/docs/signIn.js'", await ReadAsync("/docs/index.html"), StringComparison.Ordinal);
        Assert.Contains("/v1/dev/tokens", await ReadAsync("/docs/signIn.js"), StringComparison.Ordinal);
    }

    private Task<string> ReadAsync(string path) => _http.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
}
