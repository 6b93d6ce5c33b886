using System.Text;
using System.Text.Json;
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
