using System.Net.Sockets;
using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.Client;
using NearbyFriends.Client.Connection;
using NearbyFriends.Client.Lists;

namespace NearbyFriends.Benchmarks.Chaos;

/// <summary>The crowd's clients: each connects to any gateway, moves, and has every message judged.</summary>
internal sealed class Clients : IAsyncDisposable
{
    private static readonly TimeSpan Impatient = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(25); // the client library's default: it waits for a frozen gateway
    private static readonly TimeSpan Backoff = TimeSpan.FromSeconds(4);

    private readonly Crowd _crowd;
    private readonly ChaosFleet _fleet;
    private readonly ConsentModel _consent;
    private readonly HistoryModel _history;
    private readonly TimeSpan _interval;
    private readonly Random _random;
    private readonly Victim[] _gateways;
    private readonly long[] _sentLast;
    private readonly NearbyClient[] _clients;
    private readonly HttpMessageInvoker[] _invokers;
    private readonly HashSet<(int, int, string)> _seen = [];

    public Clients(Crowd crowd, ChaosFleet fleet, ConsentModel consent, HistoryModel history, TimeSpan interval, int seed)
    {
        (_crowd, _fleet, _consent, _history, _interval, _random) = (crowd, fleet, consent, history, interval, new(seed));
        _gateways = new Victim[crowd.Count];
        _sentLast = new long[crowd.Count];
        _invokers = [.. Enumerable.Range(0, crowd.Count).Select(NewInvoker)];
        _clients = [.. Enumerable.Range(0, crowd.Count).Select(NewClient)];
    }

    /// <summary>What was shown to whom against the model, a line for each friend and occasion.</summary>
    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_seen)
            {
                return [.. _seen.Select(seen => $"user {seen.Item1} was shown {seen.Item2}: {seen.Item3}")];
            }
        }
    }

    /// <summary>Clients without a session.</summary>
    public IReadOnlyList<int> Disconnected => [.. Enumerable.Range(0, _clients.Length).Where(user => !_clients[user].IsConnected)];

    /// <summary>Connects everybody, and lets each send a first location.</summary>
    public Task ConnectAsync() => Task.WhenAll(Enumerable.Range(0, _clients.Length).Select(async user =>
    {
        await _clients[user].ConnectAsync();
        await SendAsync(user, step: 0);
    }));

    /// <summary>Everybody sends one location an interval, at a moment of its own, until <paramref name="end"/>.</summary>
    public Task MoveAsync(CancellationToken end) => Task.WhenAll(Enumerable.Range(0, _clients.Length).Select(async user =>
    {
        await PassAsync(_interval * NextDouble(), end);
        for (var step = 1; !end.IsCancellationRequested; step++)
        {
            await SendAsync(user, step);
            await PassAsync(_interval, end);
        }
    }));

    /// <summary>Lists that are not what the model says, when nothing moves or changes: who is on them, and where each sent last from.</summary>
    public IReadOnlyList<string> WrongLists() =>
        [.. from user in Enumerable.Range(0, _clients.Length) let fault = FaultOf(user) where fault is not null select $"list of user {user}: {fault}"];

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_clients.Select(client => client.DisposeAsync().AsTask()));
        foreach (var invoker in _invokers)
        {
            invoker.Dispose();
        }
    }

    private NearbyClient NewClient(int user)
    {
        var client = new NearbyClient(new()
        {
            Gateway = _fleet.Gateways[0].Address, // the invoker chooses
            AccessToken = (_, _) => ValueTask.FromResult(_crowd.TokenOf(user)),
            KeepAlive = user % 2 == 0 ? Impatient : Patient,
            ConnectTimeout = Impatient,
            BackoffMax = Backoff,
            Invoker = _invokers[user],
        });
        client.ListChanged += (_, change) => Judge(user, client, change);
        return client;
    }

    /// <summary>In place of a balancer: any gateway, whether or not it answers.</summary>
    private HttpMessageInvoker NewInvoker(int user) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellation) =>
        {
            var (address, victim) = _fleet.Gateways[(int)(NextDouble() * _fleet.Gateways.Count)];
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address.Host, address.Port, cancellation);
            }
            catch
            {
                socket.Dispose();
                throw;
            }

            _gateways[user] = victim;
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    private async Task SendAsync(int user, int step)
    {
        var time = _clients[user].Now;
        _history.Sent(Crowd.IdOf(user), time);
        _sentLast[user] = time;
        try
        {
            await _clients[user].SendAsync(_crowd.At(user, step, time));
        }
        catch (NearbyStoppedException)
        {
            // It is counted as stuck.
        }
    }

    private void Judge(int user, NearbyClient client, ListChange change)
    {
        var at = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        if (change.Kind is ListChangeKind.Added || change is { Kind: ListChangeKind.Moved, ReportedDistance: not null })
        {
            Object(user, change.Friend, _consent.Objection(user, Crowd.UserOf(change.Friend.Id), change.Friend.Time, at));
        }
        else if (change.Kind is not ListChangeKind.Replaced)
        {
            return; // it comes of no message, or takes somebody away
        }

        foreach (var friend in client.List.Friends)
        {
            Object(user, friend, change.Kind == ListChangeKind.Replaced
                ? _consent.Objection(user, Crowd.UserOf(friend.Id), friend.Time, at)
                : _consent.ListObjection(user, Crowd.UserOf(friend.Id), at, _gateways[user].RunsSince));
        }
    }

    private void Object(int user, in NearbyFriend friend, string? objection)
    {
        if (objection is not null)
        {
            lock (_seen)
            {
                _seen.Add((user, Crowd.UserOf(friend.Id), $"{objection} ({_gateways[user].Name})"));
            }
        }
    }

    private string? FaultOf(int user)
    {
        var shown = _clients[user].List.Friends.ToDictionary(friend => Crowd.UserOf(friend.Id), friend => friend.Time);
        foreach (var friend in _crowd.FriendsOf(user))
        {
            var should = _consent.ShouldShow(user, friend);
            if (should != shown.TryGetValue(friend, out var time))
            {
                return should ? $"user {friend} is missing" : $"user {friend} should not be there";
            }

            if (should && time != _sentLast[friend])
            {
                return $"user {friend} is shown as {_sentLast[friend] - time} ms before its last location";
            }
        }

        return null;
    }

    private double NextDouble()
    {
        lock (_random)
        {
            return _random.NextDouble();
        }
    }

    private static async Task PassAsync(TimeSpan time, CancellationToken end) =>
        await Task.Delay(time, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
