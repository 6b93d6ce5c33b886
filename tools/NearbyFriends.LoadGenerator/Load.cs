using System.Diagnostics;
using System.Text.Json;

namespace NearbyFriends.LoadGenerator;

/// <summary>
/// A load of many connections, held by several processes of this program: one may have some 20,000 open files, and its
/// own local address gives it the local ports it needs.
/// </summary>
public sealed class Load : IAsyncDisposable
{
    /// <summary>Connections of one process: with what else it opens, below the 20,000 files that a process usually may have.</summary>
    public const int ConnectionsPerProcess = 15_000;

    private readonly List<Worker> _workers = [];
    private readonly LoadPopulation _people;
    private readonly int _users;

    private Load(LoadPopulation people, int users) => (_people, _users) = (people, users);

    /// <summary>The processes that hold the connections.</summary>
    public IEnumerable<int> Processes => _workers.Select(worker => worker.Process.Id);

    /// <summary>Starts the processes; nobody is connected yet.</summary>
    /// <param name="people">Who connects.</param>
    /// <param name="servers">Where; users are dealt out in turn.</param>
    /// <param name="target">How to speak to them.</param>
    /// <param name="signingKey">Signs the users' tokens; no token when null.</param>
    /// <param name="connectsPerSecond">How fast to dial, all processes together.</param>
    /// <param name="users">Who of them connects, by number; all when null.</param>
    /// <param name="dialsAtOnce">How many of a process may be dialling at the same time.</param>
    public static async Task<Load> StartAsync(
        LoadPopulation people, IReadOnlyList<Uri> servers, LoadTarget target, string? signingKey, double connectsPerSecond,
        Range? users = null, int dialsAtOnce = 64)
    {
        var (offset, all) = (users ?? Range.All).GetOffsetAndLength(people.Users);
        var load = new Load(people, all);
        var count = (all + ConnectionsPerProcess - 1) / ConnectionsPerProcess;
        var each = (all + count - 1) / count;
        for (var i = 0; i < count; i++)
        {
            load._workers.Add(await Worker.StartAsync(new LoadWork(
                people, offset + (i * each), Math.Min(each, all - (i * each)), [.. servers], target, signingKey, $"127.0.0.{i + 1}", connectsPerSecond / count, dialsAtOnce)));
        }

        return load;
    }

    /// <summary>Connects users until so many are.</summary>
    /// <param name="connections">All of them when null.</param>
    /// <param name="progress">Told how many are connected so far.</param>
    /// <exception cref="IOException">A connection failed, or none came for 30 s; the message says why.</exception>
    public async Task ConnectAsync(int? connections = null, Action<int>? progress = null)
    {
        var wanted = connections ?? _users;
        foreach (var (worker, share) in _workers.Zip(Shares(wanted)))
        {
            await worker.TellAsync($"connect {share}");
        }

        var (last, since) = (-1, Stopwatch.GetTimestamp());
        while (true)
        {
            var now = await TakeAsync();
            Connects = Connects.Beside(now);
            progress?.Invoke(now.Connected);
            if (now.Connected >= wanted)
            {
                return;
            }

            if (now.Connected > last)
            {
                (last, since) = (now.Connected, Stopwatch.GetTimestamp());
            }

            if (now.Trouble is not null || Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(30))
            {
                throw new IOException($"Only {now.Connected:N0} of {wanted:N0} connections could be opened: {now.Trouble ?? "no answer"}");
            }

            await Task.Delay(200);
        }
    }

    /// <summary>What was seen while connecting.</summary>
    public LoadSnapshot Connects { get; private set; } = LoadSnapshot.Nothing;

    /// <summary>From now on each connection sends an update so often, give or take a tenth; zero: none.</summary>
    public async Task UpdateEveryAsync(TimeSpan interval)
    {
        foreach (var worker in _workers)
        {
            await worker.TellAsync($"every {(int)interval.TotalMilliseconds}");
        }
    }

    /// <summary>What happened since the last time it was asked.</summary>
    public async Task<LoadSnapshot> TakeAsync()
    {
        var taken = LoadSnapshot.Nothing;
        foreach (var worker in _workers)
        {
            await worker.TellAsync("take");
            taken = taken.Beside(await worker.AnswerAsync());
        }

        return taken;
    }

    /// <summary>Closes all connections; the processes stay.</summary>
    public async Task CloseAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.TellAsync("close");
        }
    }

    /// <summary>Friends' updates that those sent should have come to, when each flush holds one update of a friend at most.</summary>
    public long Expected(long sent) => sent * _people.NeighboursOf(0).Count();

    public ValueTask DisposeAsync()
    {
        _workers.ForEach(worker => worker.Dispose());
        return ValueTask.CompletedTask;
    }

    private IEnumerable<int> Shares(int connections)
    {
        foreach (var worker in _workers)
        {
            var share = Math.Min(worker.Users, connections);
            connections -= share;
            yield return share;
        }
    }

    private sealed class Worker(Process process, int users) : IDisposable
    {
        public Process Process => process;

        public int Users => users;

        public static async Task<Worker> StartAsync(LoadWork work)
        {
            var start = new ProcessStartInfo("dotnet", [typeof(Load).Assembly.Location, LoadCommand.WorkerName])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            };
            var worker = new Worker(Process.Start(start)!, work.Users);
            await worker.TellAsync(JsonSerializer.Serialize(work));
            return worker;
        }

        public async Task TellAsync(string line)
        {
            await process.StandardInput.WriteLineAsync(line);
            await process.StandardInput.FlushAsync();
        }

        public async Task<LoadSnapshot> AnswerAsync() =>
            await process.StandardOutput.ReadLineAsync() is { } line
                ? JsonSerializer.Deserialize<LoadSnapshot>(line)!
                : throw new IOException("A process of the load ended.");

        public void Dispose()
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
    }
}
