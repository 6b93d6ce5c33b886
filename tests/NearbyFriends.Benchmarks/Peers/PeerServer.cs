using System.Net.Sockets;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Peers;

/// <summary>A server program that some peer is made of, on a free port of 127.0.0.1, with its files in a temporary folder.</summary>
internal sealed class PeerServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly ServerProcess _process;

    private PeerServer(DirectoryInfo folder, ServerProcess process, int port) => (_folder, _process, Address) = (folder, process, new($"http://127.0.0.1:{port}"));

    public Uri Address { get; }

    public int ProcessId => _process.Id;

    /// <summary>Starts a program and waits until its port takes connections.</summary>
    /// <param name="program">Its full path.</param>
    /// <param name="arguments">Its command line, from the port, and a folder that is its own.</param>
    public static Task<PeerServer> StartAsync(string program, Func<int, DirectoryInfo, string[]> arguments) => FreePort.UseAsync(async port =>
    {
        var folder = Directory.CreateTempSubdirectory("nearbyfriends-peer-");
        try
        {
            var process = await ServerProcess.StartAndAnswerAsync(
                () => ServerProcess.StartAsync(program, arguments(port, folder)),
                async _ =>
                {
                    using var client = new TcpClient();
                    await client.ConnectAsync("127.0.0.1", port);
                    return true;
                });
            return new PeerServer(folder, process, port);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
