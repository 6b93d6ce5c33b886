using NearbyFriends.TestServers;

namespace NearbyFriends.DeployTests.Azure;

/// <summary>deploy/azure/blue-green.sh against a stand-in for az that knows revisions and weights.</summary>
public sealed class BlueGreenTests : IDisposable
{
    private const string Old = "gateway--old";

    private readonly DirectoryInfo _azure = Directory.CreateTempSubdirectory("nearbyfriends-az-");

    public BlueGreenTests()
    {
        Directory.CreateDirectory(Path.Combine(_azure.FullName, "revisions"));
        File.WriteAllText(Path.Combine(_azure.FullName, "revisions", Old), "active 100 0\n");
        File.CreateSymbolicLink(Path.Combine(_azure.FullName, "az"), Path.Combine(Repository.Root, "tests", "NearbyFriends.DeployTests", "Azure", "fake-az.sh"));
    }

    [Fact]
    public void A_release_moves_the_traffic_in_steps_and_lets_the_old_gateways_drain()
    {
        var result = Run("release", "registry.example.com/gateway:2");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["old 100", "new 10 old 90", "new 50 old 50", "new 100"], Weights());
        Assert.Equal(("active", 100), Revision(New));
        Assert.Equal(("inactive", 0), Revision(Old));
    }

    [Fact]
    public void A_revision_that_does_not_become_healthy_never_has_traffic()
    {
        Answer(Enumerable.Repeat("Unhealthy", 60));

        var result = Run("release", "registry.example.com/gateway:2");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(["old 100"], Weights());
        Assert.Equal(("active", 100), Revision(Old));
        Assert.Equal(("inactive", 0), Revision(New));
    }

    [Fact]
    public void A_revision_that_fails_under_traffic_loses_it_at_once()
    {
        Answer(["Healthy", "Healthy", "Unhealthy"]); // up, well at 10 %, not at 50 %

        var result = Run("release", "registry.example.com/gateway:2");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(["old 100", "new 10 old 90", "new 50 old 50", "old 100"], Weights());
        Assert.Equal(("active", 100), Revision(Old));
        Assert.Equal(("inactive", 0), Revision(New));
    }

    [Fact]
    public void A_check_of_ones_own_can_stop_a_release()
    {
        var result = Run("release", "registry.example.com/gateway:2", ("CHECK", "false"));

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(("active", 100), Revision(Old));
    }

    [Fact]
    public void A_rollback_gives_all_to_the_revision_before()
    {
        Run("release", "registry.example.com/gateway:2");

        var result = Run("rollback", null);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(("active", 100), Revision(Old));
        Assert.Equal(("inactive", 0), Revision(New));
    }

    public void Dispose() => _azure.Delete(recursive: true);

    private string New => Directory.EnumerateFiles(Path.Combine(_azure.FullName, "revisions")).Select(path => Path.GetFileName(path)).Single(name => name != Old);

    private ProgramResult Run(string command, string? image, params (string, string?)[] settings) => DeployPrograms.Run(
        "bash",
        [Path.Combine(Repository.Root, "deploy", "azure", "blue-green.sh"), command, .. image is null ? Array.Empty<string>() : [image]],
        [
            ("PATH", $"{_azure.FullName}:{Environment.GetEnvironmentVariable("PATH")}"),
            ("FAKE_AZ", _azure.FullName), ("RESOURCE_GROUP", "rg-test"), ("WATCH", "0"), ("PAUSE", "0"), .. settings,
        ]);

    private void Answer(IEnumerable<string> health) => File.WriteAllLines(Path.Combine(_azure.FullName, "health"), health);

    private (string State, int Weight) Revision(string name)
    {
        var words = File.ReadAllText(Path.Combine(_azure.FullName, "revisions", name)).Split(' ');
        return (words[0], int.Parse(words[1], null));
    }

    private IEnumerable<string> Weights() => File.ReadLines(Path.Combine(_azure.FullName, "log")).Where(line => line.StartsWith("containerapp ingress traffic set", StringComparison.Ordinal))
        .Select(line => string.Join(' ', line.Split(' ').Where(word => word.Contains('=', StringComparison.Ordinal)).Select(word => word.Replace(New, "new", StringComparison.Ordinal).Replace(Old, "old", StringComparison.Ordinal).Replace('=', ' '))));
}
