using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace NearbyFriends.TestServers;

/// <summary>A server program running as a child of the test process, and the last lines that it wrote.</summary>
/// <remarks>
/// It dies with the test process, also when that is killed: <c>setpriv --pdeathsig</c> (Linux) asks the kernel for it.
/// The kernel takes the thread that forked for the parent, so every server is started by one thread that never ends.
/// </remarks>
internal sealed partial class ServerProcess : IDisposable
{
    private const int LinesKept = 40;
    private const int Sigquit = 3;
    private const int Sigterm = 15;
    private const int Sigcont = 18; // of Linux
    private const int Sigstop = 19;
    private static readonly BlockingCollection<Action> Starts = StartThread();

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;

    private ServerProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What the server wrote last, for the message of a failure.</summary>
    public string Output => string.Join(Environment.NewLine, _lines);

    /// <summary>Starts a program; as user <paramref name="userInsteadOfRoot"/>, if given, when this process is root.</summary>
    public static async Task<ServerProcess> StartAsync(string program, IEnumerable<string> arguments, string? userInsteadOfRoot = null)
    {
        string[] command = [.. Wrapper(userInsteadOfRoot), program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var started = new TaskCompletionSource<ServerProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                started.SetResult(new ServerProcess(start));
            }
            catch (Exception failure)
            {
                started.SetException(failure);
            }
        });
        return await started.Task;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it wrote.</exception>
    public static async Task RunAsync(string program, IEnumerable<string> arguments, string? userInsteadOfRoot = null)
    {
        using var process = await StartAsync(program, arguments, userInsteadOfRoot);
        await process._process.WaitForExitAsync();
        if (process._process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with code {process._process.ExitCode}:{Environment.NewLine}{process.Output}");
        }
    }

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <param name="start">Starts it.</param>
    /// <param name="answers">Whether this very process answers; an exception means "not yet".</param>
    /// <exception cref="ServerEndedException">It ended before it answered.</exception>
    /// <exception cref="TimeoutException">It neither ended nor answered within 60 s.</exception>
    public static async Task<ServerProcess> StartAndAnswerAsync(Func<Task<ServerProcess>> start, Func<ServerProcess, Task<bool>> answers)
    {
        var process = await start();
        try
        {
            await Eventually.True(
                async () => process.HasExited || await process.TryAsync(answers),
                $"{process._process.StartInfo.FileName} answers",
                TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException)
        {
            await process.KillAsync();
            throw;
        }

        if (!process.HasExited)
        {
            return process;
        }

        throw new ServerEndedException($"The server ended before it answered; it wrote:{Environment.NewLine}{process.Output}");
    }

    /// <summary>Kills the server and starts it again, on the port that it had.</summary>
    /// <param name="start">Starts it and waits for its answer; tried for 30 s, until what it held is free.</param>
    public async Task<ServerProcess> RestartAsync(Func<Task<ServerProcess>> start)
    {
        await KillAsync();
        ServerProcess? restarted = null;
        await Eventually.True(
            async () =>
            {
                try
                {
                    restarted = await start();
                    return true;
                }
                catch (ServerEndedException)
                {
                    return false;
                }
            },
            "the server that was killed starts again",
            TimeSpan.FromSeconds(30));
        Dispose();
        return restarted!;
    }

    /// <summary>Ends the server and its children as if the machine took them away (SIGKILL) and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks the server to end at once but tidily (SIGQUIT) and waits until it is gone.</summary>
    public async Task QuitAsync()
    {
        if (!HasExited)
        {
            _ = SendSignal(Id, Sigquit);
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>Asks the server to end in good order (SIGTERM), and waits until it has, however long that takes; its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        if (!HasExited)
        {
            _ = SendSignal(Id, Sigterm);
        }

        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>Stops the server and its children where they are (SIGSTOP); on Linux.</summary>
    public void Freeze() => SignalTree(Id, Sigstop);

    /// <summary>Has them go on (SIGCONT).</summary>
    public void Thaw() => SignalTree(Id, Sigcont);

    public void Dispose() => _process.Dispose();

    private async Task<bool> TryAsync(Func<ServerProcess, Task<bool>> answers)
    {
        try
        {
            return await answers(this);
        }
        catch (Exception)
        {
            return false;
        }
    }

    private static string[] Wrapper(string? userInsteadOfRoot)
    {
        var setpriv = Programs.Find("setpriv");
        var switchUser = userInsteadOfRoot is not null && OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess;
        return (setpriv, switchUser) switch
        {
            (not null, true) => [setpriv, $"--reuid={userInsteadOfRoot}", $"--regid={userInsteadOfRoot}", "--init-groups", "--pdeathsig", "KILL", "--"],
            (not null, false) => [setpriv, "--pdeathsig", "KILL", "--"],
            (null, true) => [Programs.Require("runuser", "install util-linux"), "-u", userInsteadOfRoot!, "--"],
            (null, false) => [],
        };
    }

    private static BlockingCollection<Action> StartThread()
    {
        var starts = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var start in starts.GetConsumingEnumerable())
            {
                start();
            }
        })
        { IsBackground = true, Name = "Test servers" }.Start();
        return starts;
    }

    // Parents first: a parent that is stopped starts no child that is missed.
    private static void SignalTree(int process, int signal)
    {
        _ = SendSignal(process, signal);
        var children = $"/proc/{process}/task/{process}/children";
        foreach (var child in File.Exists(children) ? File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            SignalTree(int.Parse(child, CultureInfo.InvariantCulture), signal);
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
        {
            return;
        }

        _lines.Enqueue(line.Data);
        if (_lines.Count > LinesKept)
        {
            _lines.TryDequeue(out _);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int process, int signal);
}

/// <summary>A server ended before it answered.</summary>
internal sealed class ServerEndedException(string message) : Exception(message);
