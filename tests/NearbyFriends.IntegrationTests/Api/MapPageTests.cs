using System.Net;
using System.Text.Json;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>The map page as browsers get it, from a folder that stands for what the build of web/ leaves.</summary>
[Collection(ApiCollection.Name)]
public sealed class MapPageTests(ApiReplicas api) : IAsyncLifetime
{
    private const string Script = "/assets/index-4fA9x.js";
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("nearbyfriends-web-");
    private readonly List<IAsyncDisposable> _servers = [];

    public async ValueTask InitializeAsync()
    {
        await WriteAsync("index.html", "<!doctype html><title>The map</title>");
        await WriteAsync("ops.html", "<!doctype html><title>Operations</title>");
        await WriteAsync(Script.TrimStart('/'), $"// {new string('x', 10_000)}");
        await WriteAsync("assets/worker-7cQ.mjs", "// a worker");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _root.Delete(recursive: true);
    }

    [Theory]
    [InlineData("/", "The map")]
    [InlineData("/?user=visitor", "The map")]
    [InlineData("/ops", "Operations")]
    public async Task A_page_is_asked_for_anew_each_time(string path, string title)
    {
        using var http = await ServeAsync();

        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), Cancel);

        Assert.Contains(title, await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal("no-cache", answer.Headers.CacheControl!.ToString());
        Assert.NotNull(answer.Headers.ETag);
    }

    [Fact]
    public async Task A_file_with_a_hash_in_its_name_is_kept_for_a_year()
    {
        using var http = await ServeAsync();

        using var answer = await http.GetAsync(new Uri(Script, UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("public, max-age=31536000, immutable", answer.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task Browsers_run_a_worker_only_if_it_is_called_a_script()
    {
        using var http = await ServeAsync();

        using var answer = await http.GetAsync(new Uri("/assets/worker-7cQ.mjs", UriKind.Relative), Cancel);

        Assert.Equal("text/javascript", answer.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Scripts_are_compressed_for_who_can_unpack_them(string encoding)
    {
        using var http = await ServeAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Script, UriKind.Relative));
        request.Headers.AcceptEncoding.ParseAdd(encoding);

        using var answer = await http.SendAsync(request, Cancel);

        Assert.Equal([encoding], answer.Content.Headers.ContentEncoding);
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
        Assert.InRange((await answer.Content.ReadAsByteArrayAsync(Cancel)).Length, 1, 5_000);
    }

    [Theory]
    [InlineData("br", true)]
    [InlineData("gzip, br;q=0", false)]
    [InlineData("gzip", false)]
    public async Task What_the_build_has_compressed_is_sent_as_it_is_to_who_can_unpack_it(string accepted, bool sent)
    {
        byte[] built = [1, 2, 3];
        await File.WriteAllBytesAsync(Path.Combine(_root.FullName, Script.TrimStart('/') + ".br"), built, Cancel);
        using var http = await ServeAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Script, UriKind.Relative));
        request.Headers.AcceptEncoding.ParseAdd(accepted);

        using var answer = await http.SendAsync(request, Cancel);

        Assert.Equal([sent ? "br" : "gzip"], answer.Content.Headers.ContentEncoding);
        var body = await answer.Content.ReadAsByteArrayAsync(Cancel);
        Assert.Equal(sent, body.SequenceEqual(built));
        Assert.Equal("text/javascript", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("public, max-age=31536000, immutable", answer.Headers.CacheControl!.ToString());
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
    }

    [Fact]
    public async Task A_page_may_run_only_our_scripts_and_talk_only_to_us_the_gateway_and_the_style()
    {
        using var http = await ServeAsync(
            ("Web:Gateway", "https://gateway.example:8443/"), ("Web:Style", "https://tiles.example/style.json"), ("Web:StyleOrigins:0", "https://fonts.example"));

        using var answer = await http.GetAsync(new Uri("/", UriKind.Relative), Cancel);

        var policy = answer.Headers.GetValues("Content-Security-Policy").Single().Split("; ");
        Assert.Contains("default-src 'none'", policy);
        Assert.Contains("script-src 'self'", policy);
        Assert.Contains("style-src 'self'", policy);
        Assert.Contains("worker-src 'self'", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.Contains("connect-src 'self' https://gateway.example:8443 https://tiles.example https://fonts.example wss://gateway.example:8443", policy);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
    }

    [Fact]
    public async Task A_page_learns_where_the_gateway_is_and_what_it_allows()
    {
        using var http = await ServeAsync(("Web:Gateway", "http://gateway.example:8080/"), ("Presence:MaxRadiusMetres", "20000"));

        using var answer = await http.GetAsync(new Uri("/config.json", UriKind.Relative), Cancel);

        Assert.True(answer.Headers.CacheControl!.NoStore);
        using var settings = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("http://gateway.example:8080", settings.RootElement.GetProperty("gateway").GetString());
        Assert.Equal(JsonValueKind.Null, settings.RootElement.GetProperty("style").ValueKind);
        Assert.True(settings.RootElement.GetProperty("development").GetBoolean());
        Assert.Equal(20_000, settings.RootElement.GetProperty("maxRadiusMetres").GetInt32());
    }

    [Fact]
    public async Task Files_beside_the_page_stay_where_they_are()
    {
        using var http = await ServeAsync();

        using var answer = await http.GetAsync(new Uri("/%2e%2e/appsettings.json", UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Built_without_node_the_first_page_says_so_and_the_api_works()
    {
        using var http = await ServeAsync(("Web:Root", Path.Combine(_root.FullName, "absent")));

        var page = await http.GetStringAsync(new Uri("/", UriKind.Relative), Cancel);
        using var settings = await http.GetAsync(new Uri("/config.json", UriKind.Relative), Cancel);
        using var health = await http.GetAsync(new Uri("/health", UriKind.Relative), Cancel);

        Assert.Contains("Node.js", page, StringComparison.Ordinal);
        Assert.Contains("/docs", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, settings.StatusCode);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task An_address_that_is_none_stops_the_api_with_a_sentence_that_names_it()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => ServeAsync(("Web:Gateway", "gateway:8080")));

        Assert.Contains("Web:Gateway is 'gateway:8080'", failure.ToString(), StringComparison.Ordinal);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task WriteAsync(string path, string content)
    {
        var file = new FileInfo(Path.Combine(_root.FullName, path));
        file.Directory!.Create();
        await File.WriteAllTextAsync(file.FullName, content, Cancel);
    }

    private async Task<HttpClient> ServeAsync(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string>(api.Settings, StringComparer.Ordinal) { ["Web:Root"] = _root.FullName };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        var server = await ApiServer.StartAsync(all);
        _servers.Add(server);
        return new HttpClient { BaseAddress = server.ClientOptions.BaseAddress };
    }
}
