using System.Diagnostics;
using System.Globalization;
using NearbyFriends.TestServers;

namespace NearbyFriends.AppHostTests;

/// <summary>A server that runs as <c>Servers=Installed</c> runs it: by server.sh.</summary>
internal sealed class ServerScript : IAsyncDisposable
{
    private readonly Process _process;

    private ServerScript(Process process) => _process = process;

    /// <summary>Starts a server on a free port; returns at once.</summary>
    public static ServerScript Start(string kind, string folder, out int port)
    {
        port = FreePort.Choose();
        return Start(kind, folder, kind == "postgres" ? ["-c", string.Create(CultureInfo.InvariantCulture, $"port={port}")] : []);
    }

    /// <summary>What it writes to its standard error, once it has ended by itself.</summary>
    public static async Task<(int ExitCode, string Errors)> RunAsync(string kind, string folder, CancellationToken cancel)
    {
        await using var script = Start(kind, folder, []);
        var errors = await script._process.StandardError.ReadToEndAsync(cancel);
        await script._process.WaitForExitAsync(cancel);
        return (script._process.ExitCode, errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            HostProcess.Terminate(_process);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static ServerScript Start(string kind, string folder, string[] arguments) =>
        new(Process.Start(new ProcessStartInfo("/bin/sh", [Path.Combine(AppContext.BaseDirectory, "Servers", "server.sh"), kind, folder, "keep", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        })!);
}
