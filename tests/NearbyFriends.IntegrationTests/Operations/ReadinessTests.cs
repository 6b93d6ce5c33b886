using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Operations;

/// <summary>Whatever server fails, balancers keep every replica: a failure that all share takes no fleet out.</summary>
public sealed class ReadinessTests(Servers servers)
{
    [Fact]
    public async Task Every_store_can_stop_and_gateways_and_Apis_stay_ready_but_degraded()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var etcd = await EtcdServer.StartAsync();
        await using var system = await NearbySystem.StartAsync(
            servers,
            services => services.PostConfigure<HealthCheckPublisherOptions>(options => options.Period = TimeSpan.FromSeconds(1)),
            ("ConnectionStrings:users", await postgres.CreateDatabaseAsync("users")),
            ("ConnectionStrings:history", await postgres.CreateDatabaseAsync("history")),
            ("Discovery:Etcd", etcd.Url));
        Uri[] replicas = [system.Api, .. system.Gateways];
        await ExpectAsync("Healthy");

        await StopAsync(() => etcd.KillAsync(), "ring");
        await StopAsync(() => system.PubSub[0].KillAsync(), "pubsub-0");
        await StopAsync(() => system.Cache.KillAsync(), "location-cache");
        await StopAsync(postgres.KillAsync, "users");

        async Task StopAsync(Func<Task> stop, string check)
        {
            await stop();
            foreach (var replica in replicas)
            {
                await Eventually.True(async () => await IsFailingAsync(replica, check), $"{replica} reports {check}");
            }

            await ExpectAsync("Degraded");
        }

        async Task ExpectAsync(string word)
        {
            foreach (var replica in replicas)
            {
                await Eventually.True(async () => await HealthAsync(replica) == word, $"{replica} is {word}");
            }
        }

        async Task<string> HealthAsync(Uri replica)
        {
            using var answer = await system.CallAsync(HttpMethod.Get, new Uri(replica, "health").ToString(), null, null);
            Assert.Equal(200, (int)answer.StatusCode);
            return await answer.Content.ReadAsStringAsync();
        }

        async Task<bool> IsFailingAsync(Uri replica, string check)
        {
            using var answer = await system.OperateAsync(HttpMethod.Get, new Uri(replica, "health/checks").ToString());
            var details = await answer.Content.ReadFromJsonAsync<JsonElement>();
            return details.GetProperty("checks").EnumerateArray().Any(line =>
                line.GetProperty("name").GetString()!.EndsWith(check, StringComparison.Ordinal) && line.GetProperty("status").GetString() != "Healthy");
        }
    }
}
