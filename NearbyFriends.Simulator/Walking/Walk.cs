using NearbyFriends.Client;
using NearbyFriends.Simulator.People;
using NearbyFriends.Simulator.Reporting;
using Spectre.Console;

namespace NearbyFriends.Simulator.Walking;

/// <summary>One run of <c>walk</c>.</summary>
/// <param name="Endpoints">Where the system is.</param>
/// <param name="Walkers">How many people.</param>
/// <param name="Degree">Friends each, on average.</param>
/// <param name="Seed">Of graph and ways.</param>
/// <param name="City">Around here.</param>
/// <param name="Every">Between two locations of one walker; null lets the client's pace decide.</param>
public sealed record Walk(Endpoints Endpoints, int Walkers, double Degree, int Seed, Spot City, TimeSpan? Every)
{
    private const double CityMetres = 9_000;
    private const int TicksPerStep = 10;
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(1);

    /// <summary>What clients did and saw.</summary>
    public Tally Tally { get; } = new();

    /// <summary>Walks until cancelled, or for <paramref name="duration"/>, and prints what came of it.</summary>
    public async Task RunAsync(IAnsiConsole console, TimeSpan? duration, CancellationToken cancellationToken)
    {
        var progress = new ProgressLine(console, TimeSpan.FromSeconds(10));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        NearbyClient[] clients = [];
        try
        {
            using var system = new SystemUnderSimulation(Endpoints);
            await progress.ShowAsync("Waiting for the system", () => "not ready", system.WaitUntilReadyAsync(stop.Token));
            var names = Enumerable.Range(1, Walkers).Select(i => ($"walker-{i}", Names.Of(i - 1))).ToList();
            var friends = FriendGraph.Random(Walkers, Degree, new Random(Seed));
            var people = await system.PopulateAsync(progress, names, friends, stop.Token);

            clients = [.. people.Select((person, i) => Connect(system, person, i))];
            await progress.ShowAsync(
                $"Connecting {clients.Length} clients", () => $"{clients.Count(client => client.IsConnected)} connected",
                SystemUnderSimulation.ConnectAsync(clients, stop.Token));
            if (duration is { } limit)
            {
                stop.CancelAfter(limit);
            }

            await progress.ShowAsync("Walking", Tally.Line, WalkAsync(clients, stop.Token));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop, or done: the way every walk ends.
        }

        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        Tally.Print(console, $"{Walkers} walkers");
    }

    private NearbyClient Connect(SystemUnderSimulation system, Person person, int number)
    {
        var client = system.ClientOf(person, number);
        Tally.Watch(client);
        client.FriendMoved += (_, moved) =>
        {
            // A location is stamped when it is sent, by the same clock.
            if (moved.IsNews)
            {
                Tally.Latency.Record(Math.Max(0, client.Now - moved.Friend.Time));
            }
        };
        return client;
    }

    /// <summary>
    /// One loop for everybody: within each step every walker moves once and offers its client the new position, a tenth of
    /// them at a time, since real phones do not send in step.
    /// </summary>
    private async Task WalkAsync(NearbyClient[] clients, CancellationToken cancellationToken)
    {
        var walkers = clients.Select((_, i) => new Walker(City, CityMetres, new Random((Seed * 1_000_003) + i))).ToArray();
        var dueAt = new long[clients.Length];
        var phase = new Random(Seed);
        using var timer = new PeriodicTimer(s_step / TicksPerStep);
        for (var tick = 0; ; tick++)
        {
            for (var i = tick % TicksPerStep; i < clients.Length; i += TicksPerStep)
            {
                walkers[i].Advance(s_step.TotalSeconds);
                var (client, position) = (clients[i], walkers[i].Position);
                if (Every is not { } every)
                {
                    if (await client.ReportAsync(new(position.Latitude, position.Longitude, client.Now), cancellationToken))
                    {
                        Tally.CountSent();
                    }
                }
                else if (client.Now >= dueAt[i])
                {
                    // The first round is spread over one interval, but every list opens at once.
                    dueAt[i] = client.Now + (long)(every.TotalMilliseconds * (tick < TicksPerStep ? phase.NextDouble() : 1));
                    await client.SendAsync(new(position.Latitude, position.Longitude, client.Now), cancellationToken);
                    Tally.CountSent();
                }
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
