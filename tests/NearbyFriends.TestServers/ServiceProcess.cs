using System.Diagnostics;

namespace NearbyFriends.TestServers;

/// <summary>One of our services as a process of its own, which can be killed. Its program lies beside the caller's: reference its project.</summary>
/// <example><code>
/// await using var worker = await ServiceProcess.StartAsync("NearbyFriends.HistoryWorker", ("ConnectionStrings:history", database));
/// </code></example>
public sealed class ServiceProcess : IAsyncDisposable
{
    private readonly string[] _command;
    private ServerProcess _process;

    private ServiceProcess(string[] command, ServerProcess process) => (_command, _process) = (command, process);

    /// <summary>The most memory that the process has held, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            using var process = Process.GetProcessById(_process.Id);
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>What it wrote last.</summary>
    public string Output => _process.Output;

    /// <summary>Starts a service on a free port; returns at once.</summary>
    /// <param name="assembly">Its name without extension.</param>
    /// <param name="settings">Configuration, on its command line.</param>
    public static async Task<ServiceProcess> StartAsync(string assembly, params (string Key, string Value)[] settings)
    {
        string[] command =
        [
            Path.Combine(AppContext.BaseDirectory, assembly + ".dll"), "--urls=http://127.0.0.1:0",
            .. settings.Select(setting => $"--{setting.Key}={setting.Value}"),
        ];
        return new(command, await LaunchAsync(command));
    }

    /// <summary>Takes it away at once (SIGKILL), and starts another.</summary>
    public async Task KillAndStartAnotherAsync()
    {
        await DisposeAsync();
        _process = await LaunchAsync(_command);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        _process.Dispose();
    }

    private static Task<ServerProcess> LaunchAsync(string[] command) =>
        ServerProcess.StartAsync(Programs.Require("dotnet", "install the .NET SDK"), command);
}
