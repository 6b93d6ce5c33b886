using System.Net.Http.Json;

namespace NearbyFriends.TestServers;

/// <summary>A real etcd of one member on free ports, its data in a temporary folder.</summary>
/// <example><code>await using var etcd = await EtcdServer.StartAsync();</code></example>
public sealed class EtcdServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nearbyfriends-etcd-");
    private readonly int _port;
    private readonly string _peerUrl;
    private ServerProcess _process = null!;

    private EtcdServer(int port) => (_port, _peerUrl) = (port, $"http://127.0.0.1:{FreePort.Choose()}");

    /// <summary>Where clients reach it, such as <c>http://127.0.0.1:23790</c>; the same after <see cref="RestartAsync"/>.</summary>
    public string Url => $"http://127.0.0.1:{_port}";

    // Unique, which tells this server from one that took the port a moment earlier.
    private string Name => _folder.Name;

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">etcd is not installed; the message says how to get it.</exception>
    public static Task<EtcdServer> StartAsync() =>
        FreePort.UseAsync(async port =>
        {
            var server = new EtcdServer(port);
            try
            {
                server._process = await server.LaunchAsync();
                return server;
            }
            catch
            {
                server._folder.Delete(recursive: true);
                throw;
            }
        });

    /// <summary>Takes the server away at once (SIGKILL) and waits until it is gone.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Starts it again on the same ports with its data; kills it before when it still runs.</summary>
    public async Task RestartAsync() => _process = await _process.RestartAsync(LaunchAsync);

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private Task<ServerProcess> LaunchAsync() => ServerProcess.StartAndAnswerAsync(
        () => ServerProcess.StartAsync(
            Programs.Require("etcd", "install etcd 3.4 or later (Debian, Ubuntu: apt install etcd-server; macOS: brew install etcd)"),
            [
                "--name", Name, "--data-dir", Path.Combine(_folder.FullName, "data"),
                "--listen-client-urls", Url, "--advertise-client-urls", Url,
                "--listen-peer-urls", _peerUrl, "--initial-advertise-peer-urls", _peerUrl, "--initial-cluster", $"{Name}={_peerUrl}",
            ]),
        AnswersAsync);

    private async Task<bool> AnswersAsync(ServerProcess process)
    {
        using var client = new HttpClient { BaseAddress = new Uri(Url), Timeout = TimeSpan.FromSeconds(5) };
        using var members = await client.PostAsJsonAsync("v3/cluster/member/list", new { });
        return (await members.Content.ReadAsStringAsync()).Contains(Name, StringComparison.Ordinal);
    }
}
