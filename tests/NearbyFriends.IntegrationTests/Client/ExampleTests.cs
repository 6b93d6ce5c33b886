using System.Diagnostics;
using NearbyFriends.IntegrationTests.Load;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Client;

[Collection(AloneCollection.Name)] // it compiles
public sealed class ExampleTests(Servers servers)
{
    [Fact]
    public async Task The_documented_example_runs_and_the_friends_meet()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        using var example = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { "run", Path.Combine(Repository.Root, "docs", "examples", "client.cs"), "--", system.Api.ToString(), system.Gateways[0].ToString() },
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = example.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await example.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await example.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(example.ExitCode == 0, output + await errors);
        Assert.Contains(" m away", output, StringComparison.Ordinal);
        Assert.Contains("Nearby: Bo", output.Split(Environment.NewLine));
    }
}
