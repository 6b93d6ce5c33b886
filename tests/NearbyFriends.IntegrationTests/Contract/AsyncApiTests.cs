using System.Text;
using System.Text.Json;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Contract;

/// <summary>
/// docs/asyncapi.yaml against the running gateway. That every message the server sends fits it, each
/// <see cref="WireClient"/> of every test checks.
/// </summary>
public sealed class AsyncApiTests(Servers servers)
{
    private static readonly AsyncApiDocument Document = AsyncApiDocument.Shipped;

    [Fact]
    public void Each_example_fits_its_schema()
    {
        foreach (var message in Document.Messages("send").Concat(Document.Messages("receive")))
        {
            foreach (var example in AsyncApiDocument.ExamplesOf(message))
            {
                Document.Check(message, JsonElement.Parse(example));
            }
        }
    }

    [Fact]
    public void The_server_reads_each_documented_message_and_knows_no_other()
    {
        var read = new List<ClientMessageType>();
        foreach (var example in Document.Messages("receive").SelectMany(AsyncApiDocument.ExamplesOf))
        {
            var (message, problem, _) = ClientMessageReader.Read(Encoding.UTF8.GetBytes(example));
            Assert.Null(problem);
            read.Add(message!.Type);
        }

        Assert.Equal(Enum.GetValues<ClientMessageType>(), read.Distinct().Order());
    }

    [Fact]
    public void Each_message_that_the_server_can_write_is_documented_and_there_is_no_other()
    {
        var format = MessageFormat.Json;
        FriendEntry friend = new(42, "Ada", Location.FromDegrees(37.5665, 126.978, 1_764_000_000_000), 412.5);
        Dictionary<string, Func<MessageBuffer>> writers = new(StringComparer.Ordinal)
        {
            [nameof(format.Welcome)] = () => format.Welcome(new(7, "687a583b0d9593f0", true, 8047, 20, 2000, 30_000, 600_000, 1_764_000_000_000)),
            [nameof(format.Nearby)] = () => format.Nearby(1, 1, [friend], 1, null, null),
            [nameof(format.BeginFriends)] = () => format.EndFriends(format.BeginFriends(1, 0), [(42, true)]),
            [nameof(format.EndFriends)] = () => format.EndFriends(format.BeginFriends(1, 0), []),
            [nameof(format.FriendAdded)] = () => format.FriendAdded(42, "Ada"),
            [nameof(format.FriendRemoved)] = () => format.FriendRemoved(42),
            [nameof(format.Sharing)] = () => format.Sharing(true, 1_764_003_600_000),
            [nameof(format.Visibility)] = () => format.Visibility(42, new(Visibility.Approximate)),
            [nameof(format.FriendRequest)] = () => format.FriendRequest(new(7, 42), "Ada"),
            [nameof(format.FriendRequestClosed)] = () => format.FriendRequestClosed(new(7, 42)),
            [nameof(format.Alert)] = () => format.Alert(42, "Ada", 412.5),
            [nameof(format.Strangers)] = () => format.Strangers(1, [friend], [43], 1, "r1"),
            [nameof(format.Reconnect)] = () => format.Reconnect(1234),
            [nameof(format.Token)] = () => format.Token(1_764_043_200_000, null),
            [nameof(format.Error)] = () => format.Error(ErrorCodes.ClockSkew, "Late.", "r1", 1_764_000_000_000),
        };
        Assert.Equal(
            typeof(MessageFormat).GetMethods().Where(method => method.ReturnType == typeof(MessageBuffer)).Select(method => method.Name).Order(StringComparer.Ordinal),
            writers.Keys.Order(StringComparer.Ordinal));

        var written = writers.Values.Select(write => JsonElement.Parse(write().Written.Span)).ToList();

        Assert.All(written, Document.CheckFromServer);
        Assert.Equal(
            Document.Messages("send").Select(AsyncApiDocument.TypeOf).Order(StringComparer.Ordinal),
            written.Select(message => message.GetProperty("type").GetString()!).Append("close").Distinct().Order(StringComparer.Ordinal)); // of event streams
    }

    [Fact]
    public void Each_close_code_and_each_error_code_has_a_row_that_says_what_a_client_does()
    {
        var closeCodes = typeof(CloseCodes).GetFields().Select(field => field.GetRawConstantValue()!.ToString()!);

        Assert.Equal(
            closeCodes.Concat(["1001", "1006"]).Order(StringComparer.Ordinal), // of servers and networks, not of this program
            Document.CodesBelow("Closing").Order(StringComparer.Ordinal));
        Assert.Equal(Document.ErrorCodes, Document.CodesBelow("Errors"));
    }

    [Theory]
    [InlineData("{\"type\":\"friends\",\"list\":0,\"total\":0,\"moved\":[],\"left\":[]}", "$.list: 0 is below 1")]
    [InlineData("{\"type\":\"friends\",\"list\":1,\"total\":0,\"moved\":[]}", "$.left is missing")]
    [InlineData("{\"type\":\"friends\",\"list\":1,\"total\":0,\"moved\":[],\"left\":[{\"id\":\"1\",\"reason\":\"blocked\"}]}", "$.left[0].reason: blocked is none of")]
    [InlineData("{\"type\":\"friendRemoved\",\"id\":\"01\"}", "$.id: 01 does not match")]
    [InlineData("{\"type\":\"sharing\",\"sharing\":\"no\"}", "$.sharing: no is no \"boolean\"")]
    [InlineData("{\"type\":\"reconnect\",\"afterMs\":5,\"code\":1}", "$.code is not documented")]
    [InlineData("{\"type\":\"dance\"}", "not documented")]
    public void The_check_finds_what_does_not_fit(string message, string error)
    {
        var failure = Assert.ThrowsAny<Exception>(() => Document.CheckFromServer(JsonElement.Parse(message)));

        Assert.Contains(error, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_documented_error_code_can_be_provoked_and_there_is_no_other()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:UpdatesPerSecond", "0.001"), ("Gateway:UpdateBurst", "2"));
        var user = await system.NewUserAsync("Ada");
        var hidden = await system.NewUserAsync("Bo");
        await hidden.ShareAsync(false);
        var now = DateTimeOffset.UtcNow;
        string Location(DateTimeOffset time, double lat = 1) => JsonSerializer.Serialize(new { type = "location", lat, lon = 0, time = time.ToUnixTimeMilliseconds() });
        var provoked = new List<string>
        {
            await ProvokeAsync(user, "{}"),
            await ProvokeAsync(user, Location(now, lat: 91)),
            await ProvokeAsync(user, "{\"type\":\"radius\",\"metres\":99}"),
            await ProvokeAsync(user, "{\"type\":\"pace\",\"flushMs\":499}"),
            await ProvokeAsync(user, "{\"type\":\"token\",\"accessToken\":\"x.y.z\"}"),
            await ProvokeAsync(user, Location(now.AddHours(1))),
            await ProvokeAsync(user, Location(now.AddHours(-25))),
            await ProvokeAsync(user, Location(now, lat: 0)),
            await ProvokeAsync(user, "{\"type\":\"follow\"}"),
            await ProvokeAsync(hidden, Location(now)),
            await ProvokeAsync(user, "{\"type\":\"page\",\"cursor\":\"none\"}"),
            await ProvokeAsync(user, Location(now), Location(now), Location(now)),
        };
        await system.Cache.KillAsync();
        provoked.Add(await ProvokeAsync(user));

        Assert.Equal(Document.ErrorCodes, provoked);
        Assert.Equal(
            Document.ErrorCodes.Order(StringComparer.Ordinal),
            typeof(ErrorCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!).Order(StringComparer.Ordinal));
    }

    /// <summary>The code of the first error in a session of its own.</summary>
    private static async Task<string> ProvokeAsync(TestUser user, params string[] messages)
    {
        await using var client = await user.ConnectAsync();
        foreach (var message in messages)
        {
            await client.SendTextAsync(message);
        }

        return (await client.ExpectAsync("error")).GetProperty("code").GetString()!;
    }
}
