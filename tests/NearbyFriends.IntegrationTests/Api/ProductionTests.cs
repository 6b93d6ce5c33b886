namespace NearbyFriends.IntegrationTests.Api;

/// <summary>With an outside issuer of tokens, outside Development.</summary>
[Collection(ApiCollection.Name)]
public sealed class ProductionTests(ApiReplicas api) : IAsyncLifetime
{
    private OidcIssuer _issuer = null!;
    private ApiServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _issuer = await OidcIssuer.StartAsync();
        _server = await ApiServer.StartAsync(_issuer.Settings(api.Settings), "Production", _issuer.Trust);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task A_subject_becomes_a_user_once_and_does_not_share_yet()
    {
        var subject = $"auth0|{Guid.NewGuid()}";
        var alice = _server.Connect(_issuer.Token(subject));
        Assert.Equal(401, (await alice.GetAsync("v1/me")).Status);

        var registered = await alice.PostAsync("v1/users", NewUser());
        var again = await alice.PostAsync("v1/users", NewUser());
        var me = await _server.Connect(_issuer.Token(subject)).GetAsync("v1/me");

        Assert.Equal(201, registered.Status);
        Assert.False(registered.Body.GetProperty("sharing").GetBoolean());
        Assert.Equal((409, "registered-already"), (again.Status, again.Code));
        Assert.Equal(registered.Text("id"), me.Text("id"));
    }

    [Fact]
    public async Task A_subject_that_looks_like_an_id_is_not_that_user()
    {
        var victim = await api.First.RegisterAsync();

        var answer = await _server.Connect(_issuer.Token(victim.Id)).GetAsync("v1/me");

        Assert.Equal(401, answer.Status);
    }

    [Fact]
    public async Task Without_keys_there_is_no_web_push()
    {
        var alice = _server.Connect(_issuer.Token($"auth0|{Guid.NewGuid()}"));
        await alice.PostAsync("v1/users", NewUser());

        Assert.Equal((404, "not-found"), ((await alice.GetAsync("v1/push-key")).Status, (await alice.GetAsync("v1/push-key")).Code));
        var keys = new { p256dh = "AAAA", auth = "AAAA" };
        Assert.Equal(404, (await alice.PostAsync("v1/push-subscriptions", new { endpoint = "https://push.example.com/1", keys })).Status);
    }

    [Fact]
    public async Task Registering_needs_a_token()
    {
        var answer = await _server.Connect().PostAsync("v1/users", NewUser());

        Assert.Equal((401, "unauthenticated"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Tokens_without_a_login_and_the_developers_pages_do_not_exist()
    {
        var anyone = _server.Connect();

        Assert.Equal((404, "not-found"), await CodeAsync(anyone.PostAsync("v1/dev/tokens", new { userName = "somebody" })));
        Assert.Equal((404, "not-found"), await CodeAsync(anyone.PostAsync("v1/dev/operator-tokens")));
        Assert.Equal((404, "not-found"), await CodeAsync(anyone.GetAsync("docs/index.html")));
        Assert.Equal((404, "not-found"), await CodeAsync(anyone.GetAsync("docs/signIn.js")));
        Assert.Equal((404, "not-found"), await CodeAsync(anyone.GetAsync("")));
    }

    [Theory]
    [InlineData("problems")]
    [InlineData("problems/name-taken")]
    [InlineData("asyncapi")]
    [InlineData("asyncapi.yaml")]
    public async Task What_writers_of_clients_read_is_there_without_a_token(string path)
    {
        Assert.Equal(200, (await _server.Connect().GetAsync(path)).Status);
    }

    [Fact]
    public async Task Our_own_development_tokens_are_worth_nothing()
    {
        var alice = await api.First.RegisterAsync();

        Assert.Equal(401, (await _server.Connect(alice.Token).GetAsync("v1/me")).Status);
    }

    private static object NewUser() => new { userName = $"user-{Guid.NewGuid():N}"[..24], displayName = "Somebody" };

    private static async Task<(int, string?)> CodeAsync(Task<Answer> answering)
    {
        var answer = await answering;
        return (answer.Status, answer.Code);
    }
}
