using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace NearbyFriends.AppHostTests;

/// <summary>The AppHost as a process of its own, which can be told to stop, or killed.</summary>
internal sealed partial class HostProcess : IAsyncDisposable
{
    private const int Sigterm = 15;

    // The orchestrator looks after the AppHost's life every few seconds, and gives services time to stop.
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3);

    private const string MarkVariable = "NEARBY_TEST_HOST";

    private readonly Process _process;
    private readonly string _mark;

    private readonly string _endpoints;
    private readonly ConcurrentQueue<string?> _said = new();

    private HostProcess(Process process, string mark, string endpoints) => (_process, _mark, _endpoints) = (process, mark, endpoints);

    /// <summary>Starts the system without simulator and dashboard.</summary>
    /// <param name="folder">For the endpoints file.</param>
    /// <param name="settings">On the command line.</param>
    public static HostProcess Start(string folder, params IEnumerable<string> settings)
    {
        var endpoints = Path.Combine(folder, "endpoints.json");
        var mark = Guid.NewGuid().ToString("N");
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_ENVIRONMENT"] = "Development", ["DcpPublisher__RandomizePorts"] = "true", [MarkVariable] = mark },
        };
        foreach (var argument in (string[])
            [Path.Combine(AppContext.BaseDirectory, "NearbyFriends.AppHost.dll"), "--Simulator=false", "--Dashboard=false", $"--EndpointsFile={endpoints}", .. settings])
        {
            start.ArgumentList.Add(argument);
        }

        var host = new HostProcess(Process.Start(start)!, mark, endpoints);
        host._process.OutputDataReceived += (_, line) => host._said.Enqueue(line.Data);
        host._process.ErrorDataReceived += (_, line) => host._said.Enqueue(line.Data);
        host._process.BeginOutputReadLine();
        host._process.BeginErrorReadLine();
        return host;
    }

    /// <summary>Waits until all of it is healthy.</summary>
    public Task<Endpoints> HealthyAsync(CancellationToken cancel) => UnlessItEndsAsync(Endpoints.ReadAsync(_endpoints, cancel));

    /// <summary>Waits until a process of each of these programs has been started.</summary>
    public Task RunsAsync(params string[] programs) => UnlessItEndsAsync(WhenAsync(
        left => programs.All(program => left.Any(command => command.Contains(program, StringComparison.Ordinal))),
        $"{string.Join(", ", programs)} run", StartPatience));

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public async Task StopAsync()
    {
        Terminate(_process);
        await _process.WaitForExitAsync().WaitAsync(StopPatience);
    }

    /// <summary>Takes the AppHost away at once (SIGKILL), and nothing else.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits until no process is left that this one, or one that it started, has started.</summary>
    public Task NothingLeftAsync() => WhenAsync(left => left.Length == 0, "every process of the system has ended", StopPatience);

    private async Task<T> UnlessItEndsAsync<T>(Task<T> waited)
    {
        if (await Task.WhenAny(waited, _process.WaitForExitAsync()) != waited)
        {
            throw new InvalidOperationException($"The AppHost ended:\n{string.Join('\n', _said)}");
        }

        return await waited;
    }

    // Asked rarely: a look reads a file of every process of the machine, while the system needs the processors.
    private async Task<bool> WhenAsync(Func<string[], bool> condition, string what, TimeSpan patience)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        for (var waited = Stopwatch.StartNew(); !condition([.. Left()]); await look.WaitForNextTickAsync())
        {
            if (waited.Elapsed > patience)
            {
                throw new TimeoutException($"Expected within {patience.TotalSeconds} s: {what}. Still there: {string.Join("; ", Left())}");
            }
        }

        return true;
    }

    /// <summary>Command lines of processes that live, by the mark that each inherits in its environment.</summary>
    private IEnumerable<string> Left()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            string? command = null;
            try
            {
                if (File.ReadAllText(Path.Combine(folder, "environ")).Contains(_mark, StringComparison.Ordinal))
                {
                    command = File.ReadAllText(Path.Combine(folder, "cmdline"));
                }
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                // Ended, or somebody else's.
            }

            if (command is { Length: > 0 })
            {
                yield return command;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await StopAsync();
        }

        _process.Dispose();
    }

    /// <summary>Asks a process to end (SIGTERM).</summary>
    public static void Terminate(Process process) => _ = Kill(process.Id, Sigterm);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
