namespace NearbyFriends.IntegrationTests.Api;

[Collection(ApiCollection.Name)]
public sealed class RateLimitTests(ApiReplicas api)
{
    [Fact]
    public async Task Outside_Development_what_is_over_a_users_limit_is_answered_429_with_Retry_After()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        var settings = issuer.Settings(api.Settings);
        settings["RateLimits:RequestsPerUser"] = "4";
        settings["RateLimits:Window"] = "00:10:00";
        await using var server = await ApiServer.StartAsync(settings, "Production", issuer.Trust);
        var (alice, bob) = (server.Connect(issuer.Token("alice")), server.Connect(issuer.Token("bob")));

        var answers = new List<Answer>();
        for (var i = 0; i < 6; i++)
        {
            answers.Add(await alice.GetAsync("v1/me"));
        }

        Assert.Equal([401, 401, 401, 401, 429, 429], answers.Select(answer => answer.Status));
        Assert.Equal("rate-limited", answers[^1].Code);
        Assert.InRange(answers[^1].Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 600);
        Assert.Equal(401, (await bob.GetAsync("v1/me")).Status);
    }

    [Fact]
    public async Task Outside_Development_an_address_has_a_limit_too_however_paths_are_written_and_users_behind_it_are_not_counted()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        var settings = issuer.Settings(api.Settings);
        settings["RateLimits:RequestsPerAddress"] = "40";
        settings["RateLimits:Window"] = "00:10:00";
        await using var server = await ApiServer.StartAsync(settings, "Production", issuer.Trust);
        var anyone = server.Connect();

        var answers = new List<Answer>();
        for (var i = 0; i < 41; i++)
        {
            answers.Add(await anyone.GetAsync(i % 2 == 0 ? "v1/me" : "V1/ME"));
        }

        Assert.Equal("rate-limited", answers[^1].Code);
        for (var i = 0; i < 41; i++)
        {
            Assert.Equal(401, (await server.Connect(issuer.Token($"user {i}")).GetAsync("v1/me")).Status);
        }
    }

    [Fact]
    public async Task Looking_up_names_has_a_limit_of_its_own()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        var settings = issuer.Settings(api.Settings);
        settings["RateLimits:LookupsPerUser"] = "2";
        settings["RateLimits:Window"] = "00:10:00";
        await using var server = await ApiServer.StartAsync(settings, "Production", issuer.Trust);
        var alice = server.Connect(issuer.Token(Guid.NewGuid().ToString()));
        await alice.PostAsync("v1/users", new { userName = $"user-{Guid.NewGuid():N}"[..24], displayName = "Alice" });

        var answers = new List<Answer>();
        for (var i = 0; i < 3; i++)
        {
            answers.Add(await alice.GetAsync("v1/users?userName=nobody-has-this-name"));
        }

        Assert.Equal([404, 404, 429], answers.Select(answer => answer.Status));
        Assert.Equal(200, (await alice.GetAsync("v1/me")).Status);
    }

    [Fact]
    public async Task In_Development_the_machine_itself_has_no_limit()
    {
        var settings = new Dictionary<string, string>(api.Settings, StringComparer.Ordinal)
        {
            ["RateLimits:RequestsPerUser"] = "1",
            ["RateLimits:RequestsPerAddress"] = "1",
            ["RateLimits:LookupsPerUser"] = "1",
        };
        await using var server = await ApiServer.StartAsync(settings);
        var alice = await server.RegisterAsync();

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(404, (await alice.Call.GetAsync("v1/users?userName=nobody-has-this-name")).Status);
        }
    }
}
