using System.Diagnostics;
using System.Runtime.InteropServices;
using NearbyFriends.TestServers;

namespace NearbyFriends.AppHostTests;

/// <summary>The AppHost as a process of its own, which can be told to stop, or killed.</summary>
internal sealed partial class HostProcess : IAsyncDisposable
{
    private const int Sigterm = 15;

    // The orchestrator looks after the AppHost's life every few seconds, and gives services time to stop.
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(3);

    private const string MarkVariable = "NEARBY_TEST_HOST";

    private readonly Process _process;
    private readonly string _mark;

    private HostProcess(Process process, string mark, Endpoints endpoints) => (_process, _mark, Endpoints) = (process, mark, endpoints);

    public Endpoints Endpoints { get; }

    /// <summary>Starts the system without simulator and dashboard, and waits until all of it is healthy.</summary>
    /// <param name="folder">For the endpoints file.</param>
    /// <param name="settings">On the command line.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<HostProcess> StartAsync(string folder, IEnumerable<string> settings, CancellationToken cancel)
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

        var process = Process.Start(start)!;
        var said = new System.Collections.Concurrent.ConcurrentQueue<string?>();
        process.OutputDataReceived += (_, line) => said.Enqueue(line.Data);
        process.ErrorDataReceived += (_, line) => said.Enqueue(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var exit = process.WaitForExitAsync(ended.Token);
        var up = Endpoints.ReadAsync(endpoints, ended.Token);
        if (await Task.WhenAny(up, exit) == exit) throw new InvalidOperationException($"The AppHost ended:\n{string.Join('\n', said)}");

        var found = await up;
        await ended.CancelAsync();
        return new(process, mark, found);
    }

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
    public Task NothingLeftAsync() => Eventually.True(() => !Left().Any(), "every process of the system has ended", StopPatience);

    /// <summary>Command lines of processes that live, by the mark that each inherits in its environment.</summary>
    private IEnumerable<string> Left()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            string? command = null;
            try
            {
                if (File.ReadAllText(Path.Combine(folder, "environ")).Contains(_mark, StringComparison.Ordinal))
                    command = File.ReadAllText(Path.Combine(folder, "cmdline"));
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                // Ended, or somebody else's.
            }

            if (command is { Length: > 0 }) yield return command;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await StopAsync();
        _process.Dispose();
    }

    /// <summary>Asks a process to end (SIGTERM).</summary>
    public static void Terminate(Process process) => _ = Kill(process.Id, Sigterm);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
