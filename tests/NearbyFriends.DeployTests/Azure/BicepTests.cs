using System.Text.Json;
using System.Text.RegularExpressions;
using NearbyFriends.TestServers;

namespace NearbyFriends.DeployTests.Azure;

public sealed partial class BicepTests
{
    public static TheoryData<string> Sizes => ["dev", "prod", "sharded"];

    // Errors of type are warnings to the compiler, and leave the exit code at 0.
    [Fact]
    public void The_templates_compile_without_a_diagnostic()
    {
        var result = BicepCompiler.Run("dev", "build", "--stdout", Path.Combine(BicepCompiler.Folder, "main.bicep"));

        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Azd_finds_an_app_for_each_of_its_services(string size)
    {
        var services = File.ReadLines(Path.Combine(Repository.Root, "azure.yaml")).SkipWhile(line => line != "services:")
            .Where(line => Service().IsMatch(line)).Select(line => line.Trim().TrimEnd(':'));
        var apps = Snapshot.Of(size).OfType("Microsoft.App/containerApps").Select(app => app.GetProperty("tags").GetProperty("azd-service-name").GetString()!);

        Assert.Equal(services.Order(StringComparer.Ordinal), apps.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_app_is_probed_and_scaled_and_has_time_to_stop(string size)
    {
        foreach (var app in new[] { "api", "gateway", "history-worker" })
        {
            var probes = Snapshot.Of(size).Container(app).GetProperty("probes").EnumerateArray()
                .Select(probe => $"{probe.GetProperty("type").GetString()} {probe.GetProperty("httpGet").GetProperty("path").GetString()}");
            Assert.Equal(["Startup /health", "Readiness /health", "Liveness /alive"], probes);

            var template = Snapshot.Of(size).App(app).GetProperty("template");
            Assert.NotEmpty(template.GetProperty("scale").GetProperty("rules").EnumerateArray());
            Assert.InRange(template.GetProperty("scale").GetProperty("minReplicas").GetInt32(), 1, template.GetProperty("scale").GetProperty("maxReplicas").GetInt32() - 1);
            Assert.InRange(template.GetProperty("terminationGracePeriodSeconds").GetInt32(), app == "gateway" ? 506 : 31, 600);
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Gateways_of_two_revisions_run_side_by_side_and_scale_by_cpu_and_sessions(string size)
    {
        var gateway = Snapshot.Of(size).App("gateway");

        Assert.Equal("Multiple", gateway.GetProperty("configuration").GetProperty("activeRevisionsMode").GetString());
        Assert.Equal(100, gateway.GetProperty("configuration").GetProperty("ingress").GetProperty("traffic")[0].GetProperty("weight").GetInt32());
        Assert.Equal(["cpu", "metrics-api"], RuleTypes(gateway));
        Assert.Equal(["redis-streams"], RuleTypes(Snapshot.Of(size).App("history-worker")));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_secret_that_an_app_names_is_in_the_vault(string size)
    {
        var vault = Snapshot.Of(size).OfType("Microsoft.KeyVault/vaults/secrets").Select(secret => SecretName().Match(secret.GetProperty("name").GetString()!).Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var apps = Snapshot.Of(size).OfType("Microsoft.App/containerApps").Select(app => app.GetProperty("properties").GetProperty("configuration").GetProperty("secrets"));

        foreach (var secret in apps.SelectMany(secrets => secrets.EnumerateArray()))
        {
            Assert.Contains(secret.GetProperty("name").GetString()!, vault);
            Assert.Contains(secret.GetProperty("name").GetString()!, secret.GetProperty("keyVaultUrl").GetString(), StringComparison.Ordinal);
        }
    }

    // Enumerations of types are open to the compiler: a misspelt value would only be refused by Azure.
    [Theory]
    [MemberData(nameof(Sizes))]
    public void One_redis_speaks_cluster_the_other_is_on_disk_and_both_refuse_rather_than_evict(string size)
    {
        var (cache, stream) = (Database(size, "redis-cache"), Database(size, "redis-stream"));

        Assert.Equal(("OSSCluster", "NoEviction", false), (Text(cache, "clusteringPolicy"), Text(cache, "evictionPolicy"), cache.GetProperty("persistence").GetProperty("aofEnabled").GetBoolean()));
        Assert.Equal(("NoCluster", "NoEviction", true), (Text(stream, "clusteringPolicy"), Text(stream, "evictionPolicy"), stream.GetProperty("persistence").GetProperty("aofEnabled").GetBoolean()));
        Assert.All(new[] { cache, stream }, database => Assert.Equal("Encrypted", Text(database, "clientProtocol")));
        Assert.All(Snapshot.Of(size).OfType("Microsoft.Cache/redisEnterprise"), server => Assert.Equal("Disabled", Text(server.GetProperty("properties"), "publicNetworkAccess")));
    }

    [Theory]
    [InlineData("dev", 1, 0)]
    [InlineData("prod", 2, 0)]
    [InlineData("sharded", 2, 2)]
    public void Databases_are_one_server_two_or_clusters(string size, int servers, int clusters)
    {
        var found = Snapshot.Of(size).OfType("Microsoft.DBforPostgreSQL/flexibleServers").Select(server => server.GetProperty("properties")).ToArray();
        var nodes = found.Select(server => server.GetProperty("cluster")).Where(cluster => cluster.ValueKind == JsonValueKind.Object).ToArray();

        Assert.Equal((servers, clusters), (found.Length, nodes.Length));
        Assert.All(found, server => Assert.Equal("Disabled", Text(server.GetProperty("network"), "publicNetworkAccess")));
        Assert.All(found, server => Assert.Equal(size == "dev" ? "Disabled" : "ZoneRedundant", Text(server.GetProperty("highAvailability"), "mode")));
        Assert.Equal(nodes.Length == 0 ? 2 : 0, Snapshot.Of(size).OfType("Microsoft.DBforPostgreSQL/flexibleServers/databases").Count());
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void All_replicas_together_have_no_more_connections_than_the_server(string size)
    {
        var (api, gateway, worker) = (MaxReplicas(size, "api"), MaxReplicas(size, "gateway"), MaxReplicas(size, "history-worker"));
        // A release runs two sets of gateways.
        var (users, history) = (Pool(size, "users") * (api + (2 * gateway)), Pool(size, "history") * (api + worker));
        var limits = Snapshot.Of(size).OfType("Microsoft.DBforPostgreSQL/flexibleServers/configurations")
            .Select(setting => int.Parse(setting.GetProperty("properties").GetProperty("value").GetString()!, null)).ToArray();

        Assert.True(Pool(size, "users") >= 5 && Pool(size, "history") >= 5, $"{Pool(size, "users")}, {Pool(size, "history")}");
        if (limits.Length == 1)
        {
            Assert.InRange(users + history, 1, limits[0]);
        }
        else
        {
            Assert.All(new[] { users, history }.Zip(limits), pair => Assert.InRange(pair.First, 1, pair.Second));
        }
    }

    [Theory]
    [InlineData("dev", false)]
    [InlineData("prod", true)]
    [InlineData("sharded", true)]
    public void Ingress_of_its_own_comes_with_zones(string size, bool zones)
    {
        var environment = Snapshot.Of(size).OfType("Microsoft.App/managedEnvironments").Single().GetProperty("properties");
        var ingress = environment.GetProperty("ingressConfiguration");

        Assert.Equal(zones, environment.GetProperty("zoneRedundant").GetBoolean());
        Assert.Equal(zones, ingress.ValueKind == JsonValueKind.Object);
        if (zones)
        {
            Assert.Contains(environment.GetProperty("workloadProfiles").EnumerateArray(), profile => Text(profile, "name") == Text(ingress, "workloadProfileName") && profile.GetProperty("minimumCount").GetInt32() >= 2);
            Assert.InRange(ingress.GetProperty("requestIdleTimeout").GetInt32(), 4, 30); // minutes
        }
    }

    private static JsonElement Database(string size, string server) => Snapshot.Of(size).OfType("Microsoft.Cache/redisEnterprise/databases")
        .Single(database => database.GetProperty("name").GetString()!.StartsWith(server, StringComparison.Ordinal)).GetProperty("properties");

    private static IEnumerable<string?> RuleTypes(JsonElement app) => app.GetProperty("template").GetProperty("scale").GetProperty("rules").EnumerateArray()
        .Select(rule => Text(rule.GetProperty("custom"), "type"));

    private static int MaxReplicas(string size, string app) => Snapshot.Of(size).App(app).GetProperty("template").GetProperty("scale").GetProperty("maxReplicas").GetInt32();

    // '…Maximum Pool Size={5}', host, port, database, login, password, size)
    private static int Pool(string size, string database)
    {
        var secret = Snapshot.Of(size).OfType("Microsoft.KeyVault/vaults/secrets")
            .Single(one => SecretName().Match(one.GetProperty("name").GetString()!).Groups["name"].Value == database);
        return int.Parse(PoolSize().Match(secret.GetProperty("properties").GetProperty("value").GetString()!).Groups["size"].Value, null);
    }

    private static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();

    [GeneratedRegex("^  [a-z-]+:$", RegexOptions.None, 1_000)]
    private static partial Regex Service();

    // Of vault/name, evaluated or not.
    [GeneratedRegex(@"[/'](?<name>[a-z-]+)('\)\])?$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex SecretName();

    [GeneratedRegex(@", (?<size>\d+)\)\]$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex PoolSize();
}
