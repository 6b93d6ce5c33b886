using System.Globalization;
using System.Text.RegularExpressions;
using NearbyFriends.DeployTests.Settings;

namespace NearbyFriends.DeployTests.Compose;

public sealed partial class ComposeTests
{
    private static readonly ComposeFile Compose = ComposeFile.Read("compose.yaml");
    private static readonly string[] Services = ["api", "gateway", "history-worker"];

    [Fact]
    public void Every_image_is_pinned_and_ours_are_what_the_build_makes()
    {
        var images = Compose.Services.Values.Select(service => Default().Replace((string)service["image"], "${value}")).ToList();

        Assert.All(images, image => Assert.Matches(@":v?\d+\.\d+", image));
        Assert.Equal(BuiltImages.All, images.Where(image => image.StartsWith("nearbyfriends/", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_host_in_a_connection_is_a_service()
    {
        var hosts = Services.SelectMany(service => Compose.EnvironmentOf(Compose.Services.Keys.First(name => ComposeFile.KindOf(name) == service)).Values)
            .SelectMany(value => Host().Matches(value)).Select(match => match.Groups["host"].Value).ToHashSet(StringComparer.Ordinal);

        Assert.True(hosts.Count > 6, string.Join(' ', hosts));
        Assert.Subset(Compose.Services.Keys.ToHashSet(StringComparer.Ordinal), hosts);
    }

    [Fact]
    public void Every_variable_has_a_line_in_the_example()
    {
        var given = File.ReadLines(Path.Combine(ComposeFile.Folder, ".env.example")).Where(line => !line.StartsWith('#')).Select(line => line.Split('=')[0]).ToHashSet(StringComparer.Ordinal);
        var used = new[] { "compose.yaml", "compose.demo.yaml" }.SelectMany(file => Variable().Matches(File.ReadAllText(Path.Combine(ComposeFile.Folder, file))))
            .Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

        Assert.Equal(used.Order(), given.Order());
    }

    [Fact]
    public void Every_file_and_volume_that_is_mounted_is_there()
    {
        foreach (var mount in Compose.Services.Values.Where(service => service.ContainsKey("volumes")).SelectMany(service => (List<object>)service["volumes"]).Cast<string>())
        {
            var source = mount.Split(':')[0];
            if (source.StartsWith('.'))
            {
                Assert.True(File.Exists(Path.Combine(ComposeFile.Folder, source)), source);
            }
            else if (!source.StartsWith('$'))
            {
                Assert.Contains(source, Compose.Volumes);
            }
        }
    }

    [Fact]
    public void All_replicas_together_have_no_more_connections_than_the_server()
    {
        var connections = Compose.Services.Keys.SelectMany(name => Compose.EnvironmentOf(name).Values).SelectMany(value => Pool().Matches(value))
            .Sum(match => int.Parse(match.Groups["size"].Value, CultureInfo.InvariantCulture));
        var most = ((List<object>)Compose.Services["postgres"]["command"]).Cast<string>().Single(argument => argument.StartsWith("max_connections=", StringComparison.Ordinal));

        Assert.InRange(connections + DatabaseConnections.Reserved, 1, int.Parse(most.Split('=')[1], CultureInfo.InvariantCulture));
    }

    [Fact]
    public void The_demo_changes_only_who_may_call()
    {
        var demo = ComposeFile.Read("compose.demo.yaml");
        foreach (var name in Compose.Services.Keys.Where(name => ComposeFile.KindOf(name) is "api" or "gateway"))
        {
            var changed = demo.EnvironmentOf(name);
            Assert.Equal(["ASPNETCORE_ENVIRONMENT", "Auth__Audience", "Auth__Authority", "Auth__SigningKey"], changed.Keys.Order(StringComparer.Ordinal));
            Assert.Empty(ServiceSettings.Unknown(ComposeFile.KindOf(name), changed));
        }
    }

    [Fact]
    public void Every_server_that_the_balancer_names_is_a_service()
    {
        var balancer = Path.Combine(ComposeFile.Folder, "..", "haproxy", "haproxy.cfg");
        var named = Server().Matches(File.ReadAllText(balancer)).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

        Assert.Equal(Compose.Services.Keys.Where(name => ComposeFile.KindOf(name) is "api" or "gateway").Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"(^|http://|Host=)(?!https?:)(?<host>[a-z][a-z0-9-]*)(?=[:;])", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Host();

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$\{[A-Z]+:-(?<value>[^}]+)\}", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Default();

    [GeneratedRegex(@"Maximum Pool Size=(?<size>\d+)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Pool();

    [GeneratedRegex(@"^\s+server (?<name>[a-z0-9-]+) ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1_000)]
    private static partial Regex Server();
}
