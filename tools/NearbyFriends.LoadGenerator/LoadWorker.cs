using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace NearbyFriends.LoadGenerator;

/// <summary>What a process of a load is to do; its first line of input.</summary>
/// <param name="People">Who connects.</param>
/// <param name="FirstUser">Number of its first user.</param>
/// <param name="Users">How many users connect from it.</param>
/// <param name="Servers">Where; dealt out in turn by the user's number.</param>
/// <param name="Target">How to speak to them.</param>
/// <param name="SigningKey">Signs the tokens; no token when null.</param>
/// <param name="From">Local address of its connections.</param>
/// <param name="ConnectsPerSecond">How fast it dials.</param>
/// <param name="DialsAtOnce">How many may be dialling at the same time.</param>
internal sealed record LoadWork(
    LoadPopulation People, int FirstUser, int Users, Uri[] Servers, LoadTarget Target, string? SigningKey, string From, double ConnectsPerSecond,
    int DialsAtOnce);

/// <summary>
/// One process of a load, told what to do by lines on its standard input: <c>connect N</c> (until N are connected),
/// <c>every MS</c> (each connection sends an update so often; 0: none), <c>take</c> (answered by a
/// <see cref="LoadSnapshot"/> as a line of JSON), <c>close</c>. The end of the input ends it.
/// </summary>
internal sealed class LoadWorker
{
    private const int TickMilliseconds = 5;

    private readonly LoadWork _work;
    private readonly LoadCounters _counters = new();
    private readonly ConcurrentQueue<LoadConnection> _arrivals = [];
    private readonly List<LoadConnection> _connections = [];
    private readonly Random _random = new();
    private volatile int _everyMilliseconds;
    private volatile string? _trouble;
    private int _dialled;

    private LoadWorker(LoadWork work) => _work = work;

    public static async Task<int> RunAsync(TextReader input, TextWriter output)
    {
        var worker = new LoadWorker(JsonSerializer.Deserialize<LoadWork>((await input.ReadLineAsync())!)!);
        var sender = new Thread(worker.SendWhatIsDue) { IsBackground = true, Name = "Load sender" };
        sender.Start();
        while (await input.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            switch (words[0])
            {
                case "connect":
                    _ = worker.DialAsync(int.Parse(words[1]));
                    break;
                case "every":
                    worker._everyMilliseconds = int.Parse(words[1]);
                    break;
                case "take":
                    await output.WriteLineAsync(JsonSerializer.Serialize(worker.Take()));
                    break;
                default:
                    worker.Close();
                    break;
            }
        }

        return 0;
    }

    private LoadSnapshot Take()
    {
        lock (_connections)
        {
            return _counters.Take(_connections.Count(connection => connection.IsOpen), _trouble);
        }
    }

    private async Task DialAsync(int until)
    {
        using var atOnce = new SemaphoreSlim(_work.DialsAtOnce);
        var (start, first) = (Stopwatch.GetTimestamp(), _dialled);
        for (; _dialled < until; _dialled++)
        {
            var dueAt = TimeSpan.FromSeconds((_dialled - first) / _work.ConnectsPerSecond);
            if (dueAt - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } early)
            {
                await Task.Delay(early);
            }

            await atOnce.WaitAsync();
            _ = DialAsync(_work.FirstUser + _dialled, atOnce);
        }

        for (var i = 0; i < _work.DialsAtOnce; i++)
        {
            await atOnce.WaitAsync();
        }
    }

    private async Task DialAsync(int user, SemaphoreSlim atOnce)
    {
        var connection = new LoadConnection(_work.Target, _work.People, user, _counters);
        try
        {
            var start = Stopwatch.GetTimestamp();
            var token = _work.SigningKey is { } key ? LoadPopulation.TokenOf(user, key) : null;
            await connection.OpenAsync(_work.Servers[user % _work.Servers.Length], IPAddress.Parse(_work.From), token);
            _counters.CountConnect(Stopwatch.GetElapsedTime(start));
            _arrivals.Enqueue(connection);
        }
        catch (Exception e)
        {
            _trouble = e.Message;
            _counters.CountEnded();
            connection.Dispose();
        }

        atOnce.Release();
    }

    /// <summary>One thread looks at all connections each tick: cheaper than a timer each, and evenly spread by the first wait.</summary>
    private void SendWhatIsDue()
    {
        for (var every = 0; ; Thread.Sleep(TickMilliseconds))
        {
            var changed = every != _everyMilliseconds;
            every = _everyMilliseconds;
            var now = Environment.TickCount64;
            lock (_connections)
            {
                if (changed)
                {
                    _connections.ForEach(connection => connection.DueAt = now + (long)(every * _random.NextDouble()));
                }

                while (_arrivals.TryDequeue(out var arrival))
                {
                    arrival.DueAt = now + (long)(every * _random.NextDouble());
                    _connections.Add(arrival);
                }

                foreach (var connection in every == 0 ? [] : _connections)
                {
                    if (connection.DueAt <= now)
                    {
                        // A tenth to either side, as phones do, so that nobody stays in step.
                        connection.DueAt = Math.Max(now, connection.DueAt + (long)(every * (0.9 + (0.2 * _random.NextDouble()))));
                        Count(connection.SendUpdate());
                    }
                }
            }
        }
    }

    private void Count(bool sent)
    {
        if (sent)
        {
            _counters.CountSent();
        }
        else
        {
            _counters.CountLate();
        }
    }

    private void Close()
    {
        lock (_connections)
        {
            _connections.ForEach(connection => connection.Dispose());
            _connections.Clear();
        }
    }
}
