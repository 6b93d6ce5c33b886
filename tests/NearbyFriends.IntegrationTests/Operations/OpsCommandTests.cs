using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.Ops;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Operations;

/// <summary><c>./nearby ops</c>: what an operator types, and reads.</summary>
public sealed class OpsCommandTests(Servers servers)
{
    [Fact]
    public async Task It_lists_the_gateways_and_drains_one_of_them()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        string[] ids = [];
        await Eventually.True(
            async () =>
            {
                var (_, table, _) = await RunAsync(system, "gateways");
                ids = [.. table.Split('\n').Where(line => line.Contains("http://", StringComparison.Ordinal)).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0])];
                return ids.Length == 2;
            },
            "both gateways are listed");
        var user = await system.NewUserAsync("Ada");
        await using var here = await user.ConnectAsync(gateway: 0);
        await using var there = await user.ConnectAsync(gateway: 1);

        var (code, drained, error) = await RunAsync(system, "drain", ids[0]);

        Assert.Equal((0, ""), (code, error));
        Assert.Single(drained.Split('\n'), line => line.Contains("draining", StringComparison.Ordinal) && line.Contains(ids[0], StringComparison.Ordinal));
        Assert.Single(new[] { here.CloseCode, there.CloseCode }, closed => closed == 1012);
        var (_, back, _) = await RunAsync(system, "drain", ids[0], "--stop");
        Assert.DoesNotContain("draining", back, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("No gateway of the name 'nobody' lives.", "drain", "nobody")]
    [InlineData("refused", "gateways", "--gateway", "http://127.0.0.1:1")]
    [InlineData("no http address", "gateways", "--gateway", "nonsense")]
    public async Task What_fails_says_why_and_is_no_success(string sentence, params string[] arguments)
    {
        await using var system = await NearbySystem.StartAsync(servers);

        var (code, _, error) = await RunAsync(system, arguments);

        Assert.NotEqual(0, code);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_named_as_the_reason()
    {
        await using var system = await NearbySystem.StartAsync(servers);

        var (code, _, error) = await RunAsync(system, key: "a guess", ["gateways"]);

        Assert.Equal(1, code);
        Assert.Contains(OpsClient.KeyVariable, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scripts_are_given_json()
    {
        await using var system = await NearbySystem.StartAsync(servers);

        var (code, json, _) = await RunAsync(system, "history", "--json");

        Assert.Equal(0, code);
        using var history = System.Text.Json.JsonDocument.Parse(json);
        Assert.Equal(0, history.RootElement.GetProperty("deadLetters").GetInt64());
    }

    internal static Task<(int Code, string Output, string Error)> RunAsync(NearbySystem system, params string[] arguments) =>
        RunAsync(system, NearbySystem.OperatorKey, arguments);

    private static async Task<(int Code, string Output, string Error)> RunAsync(NearbySystem system, string key, string[] arguments)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [OpsClient.KeyVariable] = key,
            [OpsClient.GatewayVariable] = system.Gateways[0].ToString(),
        };
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await new OpsCommands(environment.GetValueOrDefault).Create().Parse(arguments)
            .InvokeAsync(new() { Output = output, Error = error }, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
