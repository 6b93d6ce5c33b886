using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.LocationCache;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.TestServers;
using Npgsql;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>Every problem that the OpenAPI document lists for an operation, provoked.</summary>
[Collection(ApiCollection.Name)]
public sealed class ProblemTests(ApiReplicas api)
{
    // Any operation may answer these; they have tests of their own below and in RateLimitTests.
    private static readonly string[] Anywhere = ["rate-limited", "server-error", "unavailable"];

    // Development always has keys for Web Push: ProductionTests.
    private static readonly string[] WithoutPush = ["getPushKey not-found", "addPushSubscription not-found"];

    private static readonly Dictionary<string, Func<ApiReplicas, Task<Answer>>> Provocations = new(StringComparer.Ordinal)
    {
        ["registerUser invalid-request"] = api => api.First.Connect().PostAsync("v1/users", new { userName = "a", displayName = "A" }),
        ["registerUser name-taken"] = async api =>
            await api.First.Connect().PostAsync("v1/users", new { userName = (await api.First.RegisterAsync()).UserName, displayName = "A" }),
        ["findUser invalid-request"] = async api => await (await api.First.RegisterAsync()).Call.GetAsync("v1/users"),
        ["findUser not-found"] = async api => await (await api.First.RegisterAsync()).Call.GetAsync("v1/users?userName=%00"),
        ["changeMe invalid-request"] = async api => await (await api.First.RegisterAsync()).Call.PatchAsync("v1/me", new { displayName = " " }),
        ["changeVisibility invalid-request"] = async api =>
            await (await api.First.RegisterAsync()).Call.PutAsync("v1/friends/1/visibility", new { shows = "everything" }),
        ["changeVisibility not-found"] = async api =>
            await (await api.First.RegisterAsync()).Call.PutAsync("v1/friends/1/visibility", new { shows = "nothing" }),
        ["addDevice invalid-request"] = async api => await (await api.First.RegisterAsync()).Call.PostAsync("v1/me/devices", new { name = " " }),
        ["addDevice device-limit"] = async api =>
        {
            var alice = await api.First.RegisterAsync();
            for (var i = 0; i < 20; i++)
            {
                await alice.Call.PostAsync("v1/me/devices", new { name = "Phone" });
            }

            return await alice.Call.PostAsync("v1/me/devices", new { name = "Phone" });
        },
        ["removeDevice invalid-request"] = async api => await (await api.First.RegisterAsync()).Call.DeleteAsync("v1/me/devices/phone"),
        ["findByDevice unauthenticated"] = api => api.First.Connect().PostAsync("v1/friend-source/devices", new { userName = "a", password = "a" }),
        ["findByDevice invalid-request"] = api => FriendSource(api).PostAsync("v1/friend-source/devices", new { userName = "", password = "a" }),
        ["findByDevice not-found"] = api => FriendSource(api).PostAsync("v1/friend-source/devices", new { userName = "nobody", password = "a" }),
        ["sendFriendRequest invalid-request"] = async api => await (await api.First.RegisterAsync()).Call.PostAsync("v1/friend-requests", new { }),
        ["sendFriendRequest not-found"] = async api =>
            await (await api.First.RegisterAsync()).Call.PostAsync("v1/friend-requests", new { userId = "9999999999999999999" }),
        ["sendFriendRequest oneself"] = async api =>
        {
            var alice = await api.First.RegisterAsync();
            return await alice.AskAsync(alice);
        },
        ["sendFriendRequest friends-already"] = async api =>
        {
            var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
            await alice.BefriendAsync(bob);
            return await bob.AskAsync(alice);
        },
        ["sendFriendRequest friend-limit"] = async api =>
        {
            var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
            await FillAsync(api, alice);
            return await alice.AskAsync(bob);
        },
        ["sendFriendRequest request-declined"] = async api =>
        {
            var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
            await bob.DeclineAsync((await alice.AskAsync(bob)).Text("id"));
            return await alice.AskAsync(bob);
        },
        ["sendFriendRequest user-blocked"] = async api =>
        {
            var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
            await alice.Call.PutAsync($"v1/blocks/{bob.Id}");
            return await alice.AskAsync(bob);
        },
        ["listFriendRequests invalid-request"] = async api =>
            await (await api.First.RegisterAsync()).Call.GetAsync("v1/friend-requests?direction=sideways"),
        ["acceptFriendRequest not-found"] = async api => await (await api.First.RegisterAsync()).AcceptAsync("nonsense"),
        ["acceptFriendRequest friend-limit"] = async api =>
        {
            var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
            var id = (await alice.AskAsync(bob)).Text("id");
            await FillAsync(api, alice);
            return await bob.AcceptAsync(id);
        },
        ["cancelFriendRequest not-found"] = async api => await (await api.First.RegisterAsync()).CancelAsync("AAAAAAAAAAAAAAAAAAAAAA"),
        ["declineFriendRequest not-found"] = async api => await (await api.First.RegisterAsync()).DeclineAsync("AAAAAAAAAAAAAAAAAAAAAA"),
        ["setAlert invalid-request"] = async api => await (await api.First.RegisterAsync()).Call.PutAsync("v1/alerts/anyone", new { within = 49 }),
        ["setAlert not-found"] = async api => await (await api.First.RegisterAsync()).Call.PutAsync("v1/alerts/1", new { within = 500 }),
        ["getAlert not-found"] = async api => await (await api.First.RegisterAsync()).Call.GetAsync("v1/alerts/anyone"),
        ["removeAlert not-found"] = async api => await (await api.First.RegisterAsync()).Call.DeleteAsync("v1/alerts/somebody"),
        ["addPushSubscription invalid-request"] = async api => await (await api.First.RegisterAsync()).Call.PostAsync(
            "v1/push-subscriptions", new { endpoint = "https://push.example.com/1", keys = new { p256dh = "AAAA", auth = "AAAA" } }),
        ["listFriends invalid-request"] = async api => await (await api.First.RegisterAsync()).Call.GetAsync("v1/friends?cursor=nonsense"),
        ["removeFriend invalid-request"] = async api => await (await api.First.RegisterAsync()).Call.DeleteAsync("v1/friends/nobody"),
        ["listBlocks invalid-request"] = async api => await (await api.First.RegisterAsync()).Call.GetAsync("v1/blocks?limit=0"),
        ["blockUser invalid-request"] = async api => await (await api.First.RegisterAsync()).Call.PutAsync("v1/blocks/nobody"),
        ["blockUser not-found"] = async api => await (await api.First.RegisterAsync()).Call.PutAsync("v1/blocks/1"),
        ["blockUser oneself"] = async api =>
        {
            var alice = await api.First.RegisterAsync();
            return await alice.Call.PutAsync($"v1/blocks/{alice.Id}");
        },
        ["unblockUser invalid-request"] = async api => await (await api.First.RegisterAsync()).Call.DeleteAsync("v1/blocks/nobody"),
        ["listNearby invalid-request"] = async api => await (await api.First.RegisterAsync()).Call.GetAsync("v1/nearby?radius=99"),
        ["listNearby no-location"] = async api => await (await api.First.RegisterAsync()).Call.GetAsync("v1/nearby"),
        ["listNearby cursor-expired"] = async api => await (await api.First.RegisterAsync()).Call.GetAsync("v1/nearby?cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ["issueDevToken invalid-request"] = api => api.First.Connect().PostAsync("v1/dev/tokens", new { userName = 7 }),
        ["issueDevToken not-found"] = api => api.First.Connect().PostAsync("v1/dev/tokens", new { userName = "nobody-has-this-name" }),
        ["loadFriends unauthenticated"] = api => api.First.Connect().GetAsync("v1/friend-source/users/1"),
        ["loadFriends invalid-request"] = api => FriendSource(api).GetAsync("v1/friend-source/users/nobody"),
        ["loadFriends not-found"] = api => FriendSource(api).GetAsync("v1/friend-source/users/1"),
        ["loadBlocks unauthenticated"] = api => api.First.Connect().GetAsync("v1/friend-source/users/1/blocks"),
        ["loadBlocks invalid-request"] = api => FriendSource(api).GetAsync("v1/friend-source/users/nobody/blocks"),
        ["findBySubject unauthenticated"] = api => api.First.Connect().PostAsync("v1/friend-source/subjects", new { subject = "1" }),
        ["findBySubject invalid-request"] = api => FriendSource(api).PostAsync("v1/friend-source/subjects", new { }),
        ["findBySubject not-found"] = api => FriendSource(api).PostAsync("v1/friend-source/subjects", new { subject = "nobody" }),
        ["displayNames unauthenticated"] = api => api.First.Connect().PostAsync("v1/friend-source/names", new { ids = new[] { "1" } }),
        ["displayNames invalid-request"] = api => FriendSource(api).PostAsync("v1/friend-source/names", new { ids = new[] { "x" } }),
        ["findSharing unauthenticated"] = api => api.First.Connect().GetAsync("v1/friend-source/users/1/sharing"),
        ["findSharing invalid-request"] = api => FriendSource(api).GetAsync("v1/friend-source/users/nobody/sharing"),
        ["findSharing not-found"] = api => FriendSource(api).GetAsync("v1/friend-source/users/1/sharing"),
        ["readChanges unauthenticated"] = api => api.First.Connect().GetAsync("v1/friend-source/changes"),
        ["readChanges invalid-request"] = api => FriendSource(api).GetAsync("v1/friend-source/changes?cursor=99999999999999999999"),
        ["lockUser unauthenticated"] = api => api.First.Connect().PutAsync("v1/ops/users/1/lock"),
        ["lockUser forbidden"] = async api => await (await api.First.RegisterAsync()).Call.PutAsync("v1/ops/users/1/lock"),
        ["lockUser invalid-request"] = api => Operator(api).PutAsync("v1/ops/users/nobody/lock"),
        ["lockUser not-found"] = api => Operator(api).PutAsync("v1/ops/users/1/lock"),
        ["unlockUser unauthenticated"] = api => api.First.Connect().DeleteAsync("v1/ops/users/1/lock"),
        ["unlockUser forbidden"] = async api => await (await api.First.RegisterAsync()).Call.DeleteAsync("v1/ops/users/1/lock"),
        ["unlockUser invalid-request"] = api => Operator(api).DeleteAsync("v1/ops/users/nobody/lock"),
        ["unlockUser not-found"] = api => Operator(api).DeleteAsync("v1/ops/users/1/lock"),
    };

    public static TheoryData<string> Provoked => [.. Provocations.Keys];

    [Theory]
    [MemberData(nameof(Provoked))]
    public async Task A_documented_problem_is_what_the_server_answers(string problem)
    {
        var answer = await Provocations[problem](api);

        var (operation, code) = (problem.Split(' ')[0], problem.Split(' ')[1]);
        var documented = api.First.Documented.Operations.Single(candidate => candidate.Id == operation);
        Assert.Equal(code, answer.Code);
        Assert.Contains((answer.Status, code), documented.Problems);
        Assert.Equal($"https://nearbyfriends.dev/problems/{code}", answer.Text("type"));
    }

    [Fact]
    public void Every_documented_problem_is_provoked_here()
    {
        var documented =
            from operation in api.First.Documented.Operations
            where !operation.Path.Contains("history", StringComparison.Ordinal) // HistoryEndpointTests
            from problem in operation.Problems
            where !Anywhere.Contains(problem.Code) && !(operation.NeedsToken && problem.Code is "unauthenticated" or "locked")
            select $"{operation.Id} {problem.Code}";

        Assert.Equal(documented.Except(WithoutPush).Order(StringComparer.Ordinal), Provocations.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_operation_of_a_user_needs_a_token()
    {
        foreach (var operation in UserOperations())
        {
            var answer = await CallAsync(api.First.Connect(), operation);
            Assert.Equal((operation.Id, 401, "unauthenticated"), (operation.Id, answer.Status, answer.Code));
            var forged = await CallAsync(api.First.Connect("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."), operation);
            Assert.Equal((operation.Id, 401, "unauthenticated"), (operation.Id, forged.Status, forged.Code));
        }
    }

    [Fact]
    public async Task A_locked_user_is_refused_everywhere()
    {
        var alice = await api.First.RegisterAsync();
        Assert.Equal(204, (await Operator(api).PutAsync($"v1/ops/users/{alice.Id}/lock")).Status);

        foreach (var operation in UserOperations())
        {
            var answer = await CallAsync(alice.Call, operation);
            Assert.Equal((operation.Id, 403, "locked"), (operation.Id, answer.Status, answer.Code));
        }

        Assert.Equal(204, (await Operator(api).DeleteAsync($"v1/ops/users/{alice.Id}/lock")).Status);
        Assert.Equal(200, (await alice.Call.GetAsync("v1/me")).Status);
    }

    [Theory]
    [InlineData("""{"userName":"ab","displayName":"A"}""", "userName")]
    [InlineData("""{"userName":"has space","displayName":"A"}""", "userName")]
    [InlineData("""{"userName":"näme","displayName":"A"}""", "userName")]
    [InlineData("""{"userName":"abcdefghijklmnopqrstuvwxyz0123456","displayName":"A"}""", "userName")]
    [InlineData("""{"userName":"line\nend","displayName":"A"}""", "userName")]
    [InlineData("""{"userName":"good-name\n","displayName":"A"}""", "userName")]
    [InlineData("""{"userName":null,"displayName":"A"}""", "userName")]
    [InlineData("""{"userName":["a"],"displayName":"A"}""", "userName")]
    [InlineData("""{"displayName":"A"}""", "userName")]
    [InlineData("""{"userName":"good-name"}""", "displayName")]
    [InlineData("""{"userName":"good-name","displayName":"\u202Eada"}""", "displayName")]
    [InlineData("""{"userName":"good-name","displayName":"\u3164"}""", "displayName")]
    [InlineData("""{"userName":"good-name","displayName":"   "}""", "displayName")]
    [InlineData("""{"userName":"good-name","displayName":"a\u0000b"}""", "displayName")]
    [InlineData("""{"userName":"good-name","displayName":"\ud800"}""", "displayName")]
    [InlineData("""{"userName":"good-name","displayName":true}""", "displayName")]
    [InlineData("""{"userName":"good-name","displayName":"01234567890123456789012345678901234567890123456789012345678901234"}""", "displayName")]
    [InlineData("""{"userName":"good-name","displayName":""", "displayName")]
    [InlineData("""[]""", "body")]
    [InlineData("""null""", "body")]
    [InlineData("""not json""", "body")]
    [InlineData("", "body")]
    public async Task A_bad_registration_is_refused_by_the_name_of_its_field(string body, string field)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        var answer = await api.First.Connect().SendAsync(HttpMethod.Post, "v1/users", content);

        Assert.Equal((400, "invalid-request"), (answer.Status, answer.Code));
        Assert.Equal([field], answer.WrongFields);
    }

    [Theory]
    [InlineData("GET", "v1/friends?limit=0", "limit")]
    [InlineData("GET", "v1/friends?limit=1001", "limit")]
    [InlineData("GET", "v1/friends?limit=many", "limit")]
    [InlineData("GET", "v1/friends?cursor=*", "cursor")]
    [InlineData("GET", "v1/blocks?cursor=AA", "cursor")]
    [InlineData("GET", "v1/friend-requests?direction=7", "direction")]
    [InlineData("GET", "v1/nearby?radius=0", "radius")]
    [InlineData("GET", "v1/nearby?radius=16094", "radius")]
    [InlineData("GET", "v1/nearby?radius=NaN", "radius")]
    [InlineData("GET", "v1/nearby?radius=wide", "radius")]
    [InlineData("GET", "v1/nearby?limit=101", "limit")]
    [InlineData("GET", "v1/nearby?cursor=AAAA", "cursor")]
    [InlineData("GET", "v1/users", "userName")]
    [InlineData("DELETE", "v1/friends/1.5", "userId")]
    [InlineData("PUT", "v1/blocks/99999999999999999999", "userId")]
    [InlineData("PATCH", "v1/me", "sharingUntil", """{"sharingUntil":"tomorrow"}""")]
    [InlineData("PUT", "v1/friends/1/visibility", "shows", """{"until":4000000000000}""")]
    [InlineData("PUT", "v1/friends/1/visibility", "shows", """{"shows":1}""")]
    [InlineData("PUT", "v1/friends/1/visibility", "until", """{"shows":"nothing","until":1}""")]
    [InlineData("POST", "v1/me/devices", "name", "{}")]
    [InlineData("PUT", "v1/alerts/anyone", "within", "{}")]
    [InlineData("PUT", "v1/alerts/anyone", "cooldown", """{"within":500,"cooldown":1}""")]
    [InlineData("POST", "v1/push-subscriptions", "endpoint", """{"endpoint":"file:///etc/passwd","keys":{"p256dh":"AAAA","auth":"AAAA"}}""")]
    [InlineData("PUT", "v1/alerts/anyone", "within", """{"within":"500"}""")]
    [InlineData("PATCH", "v1/me", "sharingUntil", """{"sharingUntil":"4000000000000"}""")]
    [InlineData("PATCH", "v1/me", "sharing", """{"sharing":"no"}""")]
    [InlineData("PATCH", "v1/me", "discoverable", """{"discoverable":1}""")]
    [InlineData("PATCH", "v1/me", "displayName", """{"displayName":"\t"}""")]
    [InlineData("POST", "v1/friend-requests", "userId", """{"userId":12}""")]
    [InlineData("POST", "v1/friend-requests", "userId", """{"userId":"-12"}""")]
    [InlineData("POST", "v1/friend-requests", "userId", """{"userId":""}""")]
    public async Task A_bad_value_is_refused_by_the_name_of_its_field(string method, string path, string field, string? body = null)
    {
        var alice = await api.First.RegisterAsync();
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");

        var answer = await alice.Call.SendAsync(HttpMethod.Parse(method), path, content);

        Assert.Equal((400, "invalid-request"), (answer.Status, answer.Code));
        Assert.Equal([field], answer.WrongFields);
    }

    [Fact]
    public async Task What_does_not_exist_is_answered_in_the_same_shape()
    {
        var anyone = api.First.Connect();
        using var text = new StringContent("hello", Encoding.UTF8, "text/plain");

        Assert.Equal("not-found", (await anyone.GetAsync("v1/nothing")).Code);
        Assert.Equal("method-not-allowed", (await anyone.PutAsync("v1/me")).Code);
        Assert.Equal("unsupported-media-type", (await anyone.SendAsync(HttpMethod.Post, "v1/users", text)).Code);
    }

    [Fact]
    public async Task While_the_cache_is_away_a_request_that_needs_it_is_answered_503_and_the_rest_goes_on()
    {
        await using var redis = await RedisServer.StartAsync();
        var settings = new Dictionary<string, string>(api.Settings, StringComparer.Ordinal) { ["ConnectionStrings:location-cache"] = redis.ConnectionString };
        await using var server = await ApiServer.StartAsync(settings);
        var alice = await server.RegisterAsync();

        await redis.KillAsync();

        Assert.Equal((503, "unavailable"), await StatusAndCodeAsync(alice.Call.PostAsync("v1/tickets")));
        Assert.Equal(200, (await alice.Call.GetAsync("v1/friends")).Status);

        // Hiding does not need the cache; the tombstone follows.
        Assert.Equal(200, (await alice.Call.PatchAsync("v1/me", new { sharing = false })).Status);
        await redis.RestartAsync();
        var cache = server.Services.GetRequiredService<RedisLocationCache>();
        await Eventually.True(async () => (await cache.ReadAsync([alice.Number]))[0] == new CachedLocation(2, null), "the location is hidden in the cache");
    }

    private IEnumerable<DocumentedOperation> UserOperations() => api.First.Documented.Operations.Where(operation => operation.NeedsToken);

    private static Task<Answer> CallAsync(ApiCaller caller, DocumentedOperation operation) => caller.SendAsync(
        operation.Method,
        operation.Path.TrimStart('/').Replace("{userId}", "1", StringComparison.Ordinal).Replace("{id}", "x", StringComparison.Ordinal) + "?userName=x",
        operation.Method == HttpMethod.Post || operation.Method == HttpMethod.Patch
            ? new StringContent("""{"userId":"1"}""", Encoding.UTF8, "application/json")
            : null);

    private static async Task<(int, string?)> StatusAndCodeAsync(Task<Answer> answering)
    {
        var answer = await answering;
        return (answer.Status, answer.Code);
    }

    private static ApiCaller FriendSource(ApiReplicas api)
    {
        var caller = api.First.Connect();
        caller.Headers.Add("X-Friends-Key", ApiServer.FriendsKey);
        return caller;
    }

    private static ApiCaller Operator(ApiReplicas api)
    {
        var caller = api.First.Connect();
        caller.Headers.Add(OperatorPolicy.Header, ApiServer.OperatorKey);
        return caller;
    }

    private static Task FillAsync(ApiReplicas api, TestUser user) =>
        ExecuteAsync(api, "update users set friend_count = 5000 where id = $1", user.Number);

    private static async Task ExecuteAsync(ApiReplicas api, string sql, long id)
    {
        await using var database = NpgsqlDataSource.Create(api.Settings["ConnectionStrings:users"]);
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = id });
        await command.ExecuteNonQueryAsync();
    }
}
