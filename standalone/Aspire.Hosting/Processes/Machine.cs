using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Aspire.Hosting.Standalone;

/// <summary>What the AppHost asks of the machine it runs on: programs, ports, signals.</summary>
static partial class Machine
{
    static readonly HashSet<int> Taken = [];

    public static bool IsRoot { get; } = GetUserId() == 0;

    /// <summary>The full path of a program on the PATH or in <paramref name="elsewhere"/>.</summary>
    /// <exception cref="DistributedApplicationException">It is not installed; the message says which package brings it.</exception>
    public static string Find(string program, string package, params IEnumerable<string> elsewhere) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(elsewhere)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists)
        ?? throw new DistributedApplicationException($"{program} is not installed; on Debian: apt-get install {package}");

    /// <summary>
    /// A port of loopback on which nothing listens. Chosen below the range that outgoing connections are given, or one of
    /// those might have it by the time the server starts.
    /// </summary>
    public static int FreePort()
    {
        lock (Taken)
        {
            for (var attempt = 0; attempt < 1000; attempt++)
            {
                var port = RandomNumberGenerator.GetInt32(20_000, 32_000);
                if (!Taken.Contains(port) && CanListen(port))
                {
                    Taken.Add(port);
                    return port;
                }
            }
        }

        throw new DistributedApplicationException("No free port between 20000 and 32000.");
    }

    public static void Send(int process, Signal signal) => _ = Kill(process, (int)signal);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output)> Run(ProcessPlan plan, CancellationToken cancel)
    {
        var start = Wrap(plan);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var error = process.StandardError.ReadToEndAsync(cancel);
        try
        {
            await process.WaitForExitAsync(cancel);
            return (process.ExitCode, await output + await error);
        }
        catch (OperationCanceledException)
        {
            Send(-process.Id, Signal.Kill);
            throw;
        }
    }

    /// <summary>
    /// The command that starts <paramref name="plan"/>: as leader of its own session, so that Ctrl-C reaches only the AppHost,
    /// which stops its children in order; under another user if asked; and with a signal from the kernel should the AppHost die.
    /// </summary>
    public static ProcessStartInfo Wrap(ProcessPlan plan)
    {
        List<string> command = ["setsid", "setpriv", "--pdeathsig", Name(plan.IfOrphaned)];
        if (plan.User is { } user) command.AddRange(["--reuid", user, "--regid", user, "--init-groups"]);
        command.AddRange(["--", plan.Program, .. plan.Arguments]);

        var start = new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = plan.WorkingDirectory ?? "/",
        };
        foreach (var (name, value) in plan.Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    static string Name(Signal signal) => signal switch
    {
        Signal.Interrupt => "INT",
        Signal.Terminate => "TERM",
        _ => "KILL",
    };

    static bool CanListen(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetUserId();
}
