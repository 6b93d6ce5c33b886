using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace NearbyFriends.Benchmarks.Channels;

/// <summary>A <see cref="ChannelsWorker"/> in a process of its own, seen from the benchmark.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    /// <summary>What it said when it was ready.</summary>
    public WorkerState AtStart { get; private set; }

    /// <summary>Starts a worker and waits until it is ready.</summary>
    /// <param name="role"><see cref="ChannelsWorker.Publishing"/> or <see cref="ChannelsWorker.Subscribing"/>.</param>
    /// <param name="load">What it takes part in.</param>
    public static async Task<WorkerProcess> StartAsync(string role, ChannelsLoad load)
    {
        var program = Assembly.GetExecutingAssembly().Location;
        var worker = new WorkerProcess(Process.Start(new ProcessStartInfo("dotnet", [program, role, JsonSerializer.Serialize(load)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!);
        worker.AtStart = await worker.ReadAsync();
        return worker;
    }

    /// <summary>How far it has come; from now on it does what <paramref name="pace"/> says.</summary>
    public async Task<WorkerState> StateAsync(Pace pace)
    {
        await _process.StandardInput.WriteLineAsync(pace.ToString());
        return await ReadAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<WorkerState> ReadAsync() =>
        await _process.StandardOutput.ReadLineAsync() is { } line
            ? JsonSerializer.Deserialize<WorkerState>(line)
            : throw new InvalidOperationException("A worker of the benchmark has ended early.");
}
