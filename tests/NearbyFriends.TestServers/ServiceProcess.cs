using System.Diagnostics;

namespace NearbyFriends.TestServers;

/// <summary>One of our services as a process of its own, which can be killed. Its program lies beside the caller's: reference its project.</summary>
/// <example><code>
/// await using var worker = await ServiceProcess.StartAsync("NearbyFriends.HistoryWorker", ("ConnectionStrings:history", database));
/// </code></example>
public sealed class ServiceProcess : IKillable, IAsyncDisposable
{
    private readonly string[] _command;
    private ServerProcess _process;

    private ServiceProcess(string[] command, ServerProcess process) => (_command, _process) = (command, process);

    /// <summary>Its process number; another after <see cref="KillAndStartAnotherAsync"/>.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Where one that was started by <see cref="StartListeningAsync"/> answers.</summary>
    public Uri? Address { get; private init; }

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
        var command = Command(assembly, [("urls", "http://127.0.0.1:0"), .. settings]);
        return new(command, await LaunchAsync(command));
    }

    /// <summary>Starts a service and waits until <c>/alive</c> answers at its <see cref="Address"/>.</summary>
    /// <exception cref="InvalidOperationException">It ended before it answered; the message holds what it wrote.</exception>
    /// <inheritdoc cref="StartAsync" path="/param"/>
    public static async Task<ServiceProcess> StartListeningAsync(string assembly, params (string Key, string Value)[] settings)
    {
        using var http = new HttpClient();
        return await FreePort.UseAsync(async port =>
        {
            var address = new Uri($"http://127.0.0.1:{port}");
            var command = Command(assembly, [.. settings, ("urls", $"http://127.0.0.1:{port}")]);
            var process = await ServerProcess.StartAndAnswerAsync(
                () => LaunchAsync(command),
                async _ =>
                {
                    using var answer = await http.GetAsync(new Uri(address, "alive"));
                    return answer.IsSuccessStatusCode;
                });
            return new ServiceProcess(command, process) { Address = address };
        });
    }

    /// <summary>Takes it away at once (SIGKILL) and waits until it is gone.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Asks it to end in good order (SIGTERM), as an orchestrator does, and waits until it has; its exit code.</summary>
    public Task<int> TerminateAsync() => _process.TerminateAsync();

    /// <summary>Takes it away at once (SIGKILL), and starts another.</summary>
    public async Task KillAndStartAnotherAsync()
    {
        await DisposeAsync();
        _process = await LaunchAsync(_command);
    }

    public void Freeze() => _process.Freeze();

    public void Thaw() => _process.Thaw();

    Task IKillable.RestartAsync() => KillAndStartAnotherAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        _process.Dispose();
    }

    private static string[] Command(string assembly, IEnumerable<(string Key, string Value)> settings) =>
        [Path.Combine(AppContext.BaseDirectory, assembly + ".dll"), .. settings.Select(setting => $"--{setting.Key}={setting.Value}")];

    private static Task<ServerProcess> LaunchAsync(string[] command) =>
        ServerProcess.StartAsync(Programs.Require("dotnet", "install the .NET SDK"), command);
}
