using System.Diagnostics;
using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.TestServers;
using Npgsql;

namespace NearbyFriends.Benchmarks.Chaos;

/// <summary>What a run came to.</summary>
/// <param name="Shown">Who was shown though it may not have been, a line each.</param>
/// <param name="WrongLists">Lists that were wrong one interval after a quiet moment, a line each.</param>
/// <param name="Stuck">Clients without a session then, a line each.</param>
/// <param name="History">What became of the points.</param>
/// <param name="Faults">Processes killed or frozen.</param>
/// <param name="Changes">Changes of sharing and friendship.</param>
internal sealed record ChaosResult(
    IReadOnlyList<string> Shown, IReadOnlyList<string> WrongLists, IReadOnlyList<string> Stuck, HistoryVerdict History, int Faults, int Changes);

/// <summary>
/// The whole system while its processes are killed and frozen at random: rounds in which everything fails and everybody moves and
/// changes consent, each followed by a quiet moment in which every list must be right.
/// </summary>
/// <param name="size">How much of everything.</param>
/// <param name="seed">Of the faults and of what people do.</param>
/// <param name="log">Told what fails, and what is found.</param>
internal sealed class ChaosRun(ChaosSize size, int seed, Action<string> log)
{
    private const int Friends = 10;
    private const double StepMetres = 0.3;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan LongestFault = TimeSpan.FromSeconds(25); // longer than the bound, so that a gateway wakes up after it
    private static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Stored = TimeSpan.FromSeconds(60);

    /// <summary>Runs so many rounds.</summary>
    /// <param name="rounds">How many.</param>
    /// <param name="round">For how long things fail in each.</param>
    public async Task<ChaosResult> RunAsync(int rounds, TimeSpan round)
    {
        log($"Starting {size.Gateways} gateways, 2 Apis, {size.Workers} workers and their servers; seed {seed}");
        var crowd = new Crowd(size.Users, Friends, StepMetres);
        await using var fleet = await ChaosFleet.StartAsync(crowd, size);
        var (consent, history) = (new ConsentModel(size.Users, fleet.JournalOutages), new HistoryModel());
        await using var witness = await StreamWitness.StartAsync(fleet.Stream, history);
        await using var clients = new Clients(crowd, fleet, consent, history, Interval, seed);
        using var changes = new Changes(crowd, fleet.Apis, consent, seed);
        var faults = new Faults(fleet.Victims, round < LongestFault * 2 ? round / 2 : LongestFault, seed, log);
        await clients.ConnectAsync();
        var (wrong, stuck) = (new List<string>(), new List<string>());
        for (var i = 1; i <= rounds; i++)
        {
            log($"Round {i} of {rounds}");
            using var moving = new CancellationTokenSource();
            var walk = clients.MoveAsync(moving.Token);
            using (var failing = new CancellationTokenSource(round))
            {
                await Task.WhenAll(faults.RunAsync(failing.Token), changes.MakeAsync(failing.Token));
            }

            await fleet.ReadyAsync();
            log("Quiet");
            stuck.AddRange(await StuckAsync(clients));
            await Task.Delay(Interval); // everybody sends once more
            await moving.CancelAsync();
            await walk;
            wrong.AddRange(await WrongListsAsync(clients));
        }

        var stored = await JudgeHistoryAsync(fleet, witness, history, consent);
        return new(clients.Violations, wrong, stuck, stored, faults.Count, changes.Count);
    }

    private static async Task<IReadOnlyList<string>> StuckAsync(Clients clients)
    {
        var begun = Stopwatch.GetTimestamp();
        while (clients.Disconnected.Count > 0 && Stopwatch.GetElapsedTime(begun) < Reconnect)
        {
            await Task.Delay(Look);
        }

        return [.. clients.Disconnected.Select(user => $"user {user} has no session")];
    }

    private static async Task<IReadOnlyList<string>> WrongListsAsync(Clients clients)
    {
        var begun = Stopwatch.GetTimestamp();
        var wrong = clients.WrongLists();
        while (wrong.Count > 0 && Stopwatch.GetElapsedTime(begun) < ConsentModel.Bound)
        {
            await Task.Delay(Look);
            wrong = clients.WrongLists();
        }

        return wrong;
    }

    private static async Task<HistoryVerdict> JudgeHistoryAsync(ChaosFleet fleet, StreamWitness witness, HistoryModel history, ConsentModel consent)
    {
        try
        {
            await Eventually.True(async () => await witness.EntriesAsync() == 0, "the workers empty the streams", Stored);
        }
        catch (TimeoutException)
        {
            // What they left counts as lost.
        }

        await using var database = NpgsqlDataSource.Create(fleet.History + ";Pooling=false");
        await using var command = database.CreateCommand("select user_id, (extract(epoch from recorded_at) * 1000)::bigint from location_history");
        await using var rows = await command.ExecuteReaderAsync();
        var stored = new List<(long User, long Time)>();
        while (await rows.ReadAsync())
        {
            stored.Add((rows.GetInt64(0), rows.GetInt64(1)));
        }

        return history.Judge(stored, (user, time) => consent.MayNotBeStored(Crowd.UserOf(user), time));
    }
}
