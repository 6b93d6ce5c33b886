using NearbyFriends.Simulator.People;
using NearbyFriends.Tools;
using Spectre.Console;

namespace NearbyFriends.Simulator.Walking;

/// <summary>One run of <c>walk</c>: the people of San Francisco, and a visitor who is a friend of some.</summary>
/// <param name="Endpoints">Where the system is.</param>
/// <param name="Walkers">How many people.</param>
/// <param name="Degree">Friends each among them, on average.</param>
/// <param name="Seed">Of graph and ways.</param>
/// <param name="Every">Between two locations of one who moves; null lets the client's pace decide.</param>
public sealed record Walk(Endpoints Endpoints, int Walkers, double Degree, int Seed, TimeSpan? Every)
{
    private const int TicksPerStep = 10;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private Person[] _people = [];
    private Phone[] _phones = [];
    private volatile bool _standStill;

    /// <summary>What clients did and saw.</summary>
    public Tally Tally { get; } = new();

    /// <summary>Walks until cancelled, or for <paramref name="duration"/>, and prints what came of it.</summary>
    public async Task RunAsync(IAnsiConsole console, TimeSpan? duration, CancellationToken cancellationToken)
    {
        var progress = new ProgressLine(console, TimeSpan.FromSeconds(10));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            using var system = new SystemUnderSimulation(Endpoints);
            await progress.ShowAsync("Waiting for the system", () => "not ready", system.WaitUntilReadyAsync(stop.Token));
            var names = Enumerable.Range(1, Walkers).Select(i => ($"walker-{i}", Names.Of(i - 1))).Append(Visitor.Name).ToList();
            var people = _people = await system.RegisterAsync(progress, names, stop.Token);
            await SystemUnderSimulation.ShowToStrangersAsync(people.Take(Walkers), stop.Token); // the visitor decides for itself

            // Nobody waits for friendships: whoever is out already sees new friends as they come, the visitor's first.
            _ = BefriendAsync(system, console, people, stop.Token);
            var inactiveAfter = await InactiveAfterAsync(system, people[0], stop.Token);
            var town = new Townspeople(new RoadGraph(CityMap.SanFrancisco), inactiveAfter, Seed);
            var byId = new Dictionary<long, Phone>();
            _phones = [.. people.Take(Walkers).Select((person, i) => byId[person.Id] = PhoneOf(system, person, town.Make(i), i, byId))];
            await progress.ShowAsync(
                $"Connecting {Walkers} clients", () => $"{_phones.Count(phone => phone.Client.IsConnected)} connected",
                Parallel.ForEachAsync(_phones, stop.Token, async (phone, token) => await phone.ConnectAsync(inactiveAfter, token)));
            if (duration is { } limit)
            {
                stop.CancelAfter(limit);
            }

            await progress.ShowAsync("Walking", Tally.Line, WalkAsync(stop.Token));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop, or done: the way every walk ends.
        }

        await Task.WhenAll(_phones.Select(phone => phone.DisposeAsync().AsTask()));
        Tally.Print(console, $"{Walkers} walkers");
    }

    /// <summary>Where everybody was when their phone last told, by user id.</summary>
    public IReadOnlyDictionary<long, WalkerTruth> Truth() => _people.Zip(_phones).Index().ToDictionary(
        pair => pair.Item.First.Id,
        pair => new WalkerTruth(Names.Of(pair.Index), pair.Item.Second.Told, !pair.Item.Second.IsAway, pair.Index < Townspeople.Friends));

    /// <summary>Lets everybody stand still where they are, or walk on. Their phones keep sending.</summary>
    public void StandStill(bool stand) => _standStill = stand;

    /// <summary>Whoever could not be made friends walks alone: that must not stop a demo in which things are broken on purpose.</summary>
    private async Task BefriendAsync(SystemUnderSimulation system, IAnsiConsole console, Person[] people, CancellationToken cancellationToken)
    {
        try
        {
            await system.BefriendAsync(
                people, [.. Visitor.Friends(Walkers), .. FriendGraph.Random(Walkers, Degree, new Random(Seed))], cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            console.WriteLine($"Not all friendships came about: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            // The walk ends.
        }
    }

    private static async Task<TimeSpan> InactiveAfterAsync(SystemUnderSimulation system, Person person, CancellationToken cancellationToken)
    {
        await using var client = system.ClientOf(person, 0);
        return TimeSpan.FromMilliseconds((await client.ConnectAsync(cancellationToken)).InactiveAfterMs);
    }

    private Phone PhoneOf(SystemUnderSimulation system, Person person, Townsperson townsperson, int number, Dictionary<long, Phone> byId)
    {
        var phone = new Phone(townsperson, radio => system.ClientOf(person, number, radio.Invoker), Every);
        Tally.Watch(phone.Client, () => phone.IsAway);
        phone.Client.FriendMoved += (_, moved) =>
        {
            // A location is stamped when it is sent, by the same clock; unless its phone had no signal.
            if (moved.IsNews && byId.TryGetValue(moved.Friend.Id, out var friend) && !friend.HeldBack(moved.Friend.Time))
            {
                Tally.Latency.Record(Math.Max(0, phone.Client.Now - moved.Friend.Time));
            }
        };
        return phone;
    }

    /// <summary>
    /// One loop for everybody: within each step every walker moves once and offers its client the new position, a tenth of
    /// them at a time, since real phones do not send in step.
    /// </summary>
    private async Task WalkAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Step / TicksPerStep);
        for (var tick = 0; ; tick++)
        {
            for (var i = tick % TicksPerStep; i < _phones.Length; i += TicksPerStep)
            {
                if (await _phones[i].StepAsync(_standStill ? TimeSpan.Zero : Step, cancellationToken))
                {
                    Tally.CountSent();
                }
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}

/// <summary>What a watcher ought to see of a walker.</summary>
/// <param name="Name">Display name.</param>
/// <param name="Spot">Where they were when their phone last told.</param>
/// <param name="IsHeard">Whether their phone has power and signal now.</param>
/// <param name="IsFriendOfVisitor">Whether the visitor is their friend.</param>
public readonly record struct WalkerTruth(string Name, Spot Spot, bool IsHeard, bool IsFriendOfVisitor);
