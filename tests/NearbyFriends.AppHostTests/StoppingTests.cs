using System.Collections.Concurrent;
using NearbyFriends.TestServers;
using Npgsql;
using Xunit;

namespace NearbyFriends.AppHostTests;

/// <summary>How the system ends, and what is left of it.</summary>
public sealed class StoppingTests : IDisposable
{
    private const int Clients = 50;
    private const string Password = "secret";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _deadline = new(Patience);

    // Its owner's alone, it would be closed to the user that Postgres runs as.
    private readonly DirectoryInfo _folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"nearbyfriends-test-{Guid.NewGuid():N}"));

    private CancellationToken Cancel => _deadline.Token;

    public void Dispose()
    {
        _deadline.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Stopping_tells_every_client_and_stores_every_location_that_was_acknowledged()
    {
        await using var host = HostProcess.Start(
            _folder.FullName, "--Servers=Installed", $"--DataFolder={_folder.FullName}", $"--Parameters:postgres-password={Password}");
        var endpoints = await host.HealthyAsync(Cancel);
        var clients = new ConcurrentBag<SharingClient>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Clients), Cancel, async (number, cancel) =>
            clients.Add(await SharingClient.ConnectAsync(endpoints, number, cancel)));

        await host.StopAsync();

        var goodbyes = await Task.WhenAll(clients.Select(client => client.GoodbyeAsync(Cancel)));
        Assert.All(goodbyes, goodbye => Assert.Equal(new Goodbye(ToldToReconnect: true, CloseCode: 1012), goodbye));
        foreach (var client in clients)
        {
            client.Dispose();
        }

        Assert.Equal(clients.Sum(client => client.Acknowledged), await StoredAsync());
        await host.NothingLeftAsync();
    }

    // Services start once their servers are healthy, so by then all of it runs; not that it is up yet.
    [Fact]
    public async Task Nothing_is_left_when_the_host_is_killed()
    {
        await using var host = HostProcess.Start(_folder.FullName, "--Volumes=false");
        await host.RunsAsync("NearbyFriends.Api", "NearbyFriends.HistoryWorker", "NearbyFriends.Gateway");

        await host.KillAsync();

        await host.NothingLeftAsync();
    }

    private async Task<long> StoredAsync()
    {
        await using var postgres = ServerScript.Start("postgres", Path.Combine(_folder.FullName, "postgres"), out var port);
        await using var history = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username=postgres;Password={Password};Database=history;Pooling=false");
        await Eventually.True(async () => await AnswersAsync(history), "Postgres answers");
        await using var count = history.CreateCommand("select count(*) from location_history");
        return (long)(await count.ExecuteScalarAsync(Cancel))!;
    }

    private static async Task<bool> AnswersAsync(NpgsqlDataSource database)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
