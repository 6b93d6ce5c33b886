using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NearbyFriends.Client;
using NearbyFriends.Client.Lists;
using NearbyFriends.Simulator.People;
using NearbyFriends.Simulator.Verifying;
using NearbyFriends.Simulator.Walking;
using NearbyFriends.Tools;
using Spectre.Console;

namespace NearbyFriends.Simulator.Replaying;

/// <summary>
/// Replays a recording through real clients: each mover connects shortly before its first point, and sends each point at
/// its moment, stamped with that moment.
/// </summary>
/// <param name="system">The API and the gateways.</param>
/// <param name="recording">Who was where and when.</param>
/// <param name="friends">Pairs of indexes into the recording's movers.</param>
/// <param name="options">How.</param>
/// <param name="progress">Where to show how it goes.</param>
public sealed class Replay(
    SystemUnderSimulation system, Recording recording, IReadOnlyList<(int A, int B)> friends, ReplayOptions options, ProgressLine progress)
{
    /// <summary>How long before its first point a mover connects.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(3);

    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly Dictionary<long, Mover> _movers = [];
    private int _done;

    /// <summary>What clients did and saw.</summary>
    public Tally Tally { get; } = new();

    /// <summary>Runs it.</summary>
    /// <returns>What the comparison found; null when none was asked for.</returns>
    public async Task<Verdict?> RunAsync(CancellationToken cancellationToken)
    {
        var people = await system.PopulateAsync(progress, Names(), friends, cancellationToken);
        if (!options.Verify)
        {
            await IntroduceVisitorAsync(people, cancellationToken);
        }

        var expiry = options.Verify && people.Any(person => person.Existed) ? await EarlierLocationsExpireAsync(people[0], cancellationToken) : TimeSpan.Zero;
        var replay = new ReplayClock(recording.Start, Now + (long)(expiry + Lead + Lead).TotalMilliseconds, options.Speed);
        var movers = people
            .Select((person, i) => new Mover(person, system.ClientOf(person, i, options.Flush), recording.Traces[i], replay, _clock))
            .ToArray();
        foreach (var mover in movers)
        {
            Watch(mover);
        }

        try
        {
            var points = movers.Sum(mover => mover.Times.Count);
            await progress.ShowAsync("Replaying", () => $"{_done:N0} of {points:N0} points; {Tally.Line()}", SendAllAsync(movers, cancellationToken));
            return options.Verify ? await VerifyAsync(movers, cancellationToken) : null;
        }
        finally
        {
            await Task.WhenAll(movers.Select(mover => mover.Client.DisposeAsync().AsTask()));
        }
    }

    /// <summary>Who looks at the demo is a friend of those who move most.</summary>
    private async Task IntroduceVisitorAsync(Person[] people, CancellationToken cancellationToken)
    {
        var visitor = await system.RegisterAsync(progress, [Visitor.Name], cancellationToken);
        await system.BefriendAsync([.. people, .. visitor], [.. Visitor.Friends(people.Length)], cancellationToken);
    }

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>
    /// Users are named by what is replayed and who is whose friend: the same replay finds its users again, and another
    /// never finds friendships that are not its own.
    /// </summary>
    private List<(string UserName, string DisplayName)> Names()
    {
        var identity = new StringBuilder();
        foreach (var trace in recording.Traces)
        {
            identity.Append(trace.Mover).Append('\n');
        }

        foreach (var (a, b) in friends)
        {
            identity.Append(CultureInfo.InvariantCulture, $"{a},{b}\n");
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity.ToString())).AsSpan(0, 4));
        return [.. recording.Traces.Select((trace, i) => ($"mover-{hash}-{i + 1}", trace.Mover))];
    }

    /// <summary>Where these users were in an earlier run must not be mistaken for where they are.</summary>
    private async Task<TimeSpan> EarlierLocationsExpireAsync(Person person, CancellationToken cancellationToken)
    {
        await using var client = system.ClientOf(person, 0);
        var inactiveAfter = TimeSpan.FromMilliseconds((await client.ConnectAsync(cancellationToken)).InactiveAfterMs);
        progress.Console.WriteLine($"These users exist: their earlier locations expire within {inactiveAfter.TotalSeconds:0} s, then the replay starts.");
        return inactiveAfter;
    }

    private void Watch(Mover mover)
    {
        _movers[mover.Person.Id] = mover;
        Tally.Watch(mover.Client);
        mover.Client.FriendMoved += (_, moved) =>
        {
            if (moved.IsNews && _movers[moved.Friend.Id].MillisecondsSince(moved.Friend.Time) is { } milliseconds)
            {
                Tally.Latency.Record(milliseconds);
            }
        };
        mover.Client.ListChanged += (_, change) =>
        {
            if (change.Kind == ListChangeKind.Replaced && mover.Client.List.HasMore)
            {
                _ = LoadAllAsync(mover);
            }
        };
    }

    private async Task LoadAllAsync(Mover mover)
    {
        try
        {
            await mover.Client.LoadAllAsync();
        }
        catch (NearbyRequestException e)
        {
            Tally.CountError(e.Message);
        }
    }

    /// <summary>One loop for everybody, over all connections and points in the order of their moments.</summary>
    private async Task SendAllAsync(Mover[] movers, CancellationToken cancellationToken)
    {
        var moments = movers
            .SelectMany(mover => mover.Times.Select((time, number) => (At: time, Mover: mover, Number: number)))
            .Concat(movers.Where(mover => mover.Times.Count > 0)
                .Select(mover => (At: mover.Times[0] - (long)Lead.TotalMilliseconds, Mover: mover, Number: -1)))
            .OrderBy(moment => moment.At);
        var pending = new List<Task>();
        foreach (var (at, mover, number) in moments)
        {
            while (at - Now is var wait and > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(wait), _clock, cancellationToken);
            }

            var sending = number < 0 ? ConnectAsync(mover, cancellationToken) : SendAsync(mover, number);
            if (!sending.IsCompletedSuccessfully)
            {
                pending.RemoveAll(task => task.IsCompletedSuccessfully);
                pending.Add(sending);
            }
        }

        await Task.WhenAll(pending);
    }

    private static async Task ConnectAsync(Mover mover, CancellationToken cancellationToken) => await mover.Client.ConnectAsync(cancellationToken);

    private async Task SendAsync(Mover mover, int number)
    {
        await mover.SendAsync(number);
        Tally.CountSent();
        Interlocked.Increment(ref _done);
    }

    private async Task<Verdict> VerifyAsync(Mover[] movers, CancellationToken cancellationToken)
    {
        // The last update has been applied everywhere, and what it changed has lasted long enough to be certain.
        await Task.Delay((4 * options.Settle) + options.Slack, _clock, cancellationToken);
        var friendsOf = friends.Concat(friends.Select(pair => (A: pair.B, B: pair.A))).ToLookup(pair => pair.A, pair => pair.B);
        var witnesses = movers.Select((mover, i) => mover.Testify([.. friendsOf[i]])).ToList();
        var welcome = movers.Select(mover => mover.Client.Welcome).First(welcome => welcome is not null)!;
        var rules = new ListRules(welcome.Radius, welcome.InactiveAfterMs, (long)options.Settle.TotalMilliseconds);
        return await progress.ShowAsync("Comparing", () => "by brute force", Task.Run(() => new Verifier(rules).Verify(witnesses), cancellationToken));
    }
}
