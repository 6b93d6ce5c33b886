using System.Net.Http.Json;

namespace NearbyFriends.TestServers;

/// <summary>A real etcd of one member on free ports, its data in a temporary folder.</summary>
/// <example><code>await using var etcd = await EtcdServer.StartAsync();</code></example>
public sealed class EtcdServer : IKillable, IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nearbyfriends-etcd-");
    private readonly int _port;
    private readonly string _peerUrl;
    private readonly TestAuthority? _authority;
    private ServerProcess _process = null!;

    private EtcdServer(int port, TestAuthority? authority) =>
        (_port, _peerUrl, _authority) = (port, $"http://127.0.0.1:{FreePort.Choose()}", authority);

    /// <summary>Where clients reach it, such as <c>http://127.0.0.1:23790</c>; the same after <see cref="RestartAsync"/>.</summary>
    public string Url => $"{(_authority is null ? "http" : "https")}://127.0.0.1:{_port}";

    // Unique, which tells this server from one that took the port a moment earlier.
    private string Name => _folder.Name;

    /// <summary>Starts a server and waits until it answers; with TLS when <paramref name="authority"/> is given.</summary>
    /// <exception cref="InvalidOperationException">etcd is not installed; the message says how to get it.</exception>
    public static Task<EtcdServer> StartAsync(TestAuthority? authority = null) =>
        FreePort.UseAsync(async port =>
        {
            var server = new EtcdServer(port, authority);
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

    /// <summary>From now on it asks for a user and a password.</summary>
    /// <returns>The address with those of <c>root</c>.</returns>
    public async Task<string> RequirePasswordAsync(string password)
    {
        using var client = NewClient();
        foreach (var (path, body) in ((string, object)[])
            [
                ("user/add", new { name = "root", password }), ("role/add", new { name = "root" }),
                ("user/grant", new { user = "root", role = "root" }), ("enable", new { }),
            ])
        {
            using var answer = await client.PostAsJsonAsync($"v3/auth/{path}", body);
            answer.EnsureSuccessStatusCode();
        }

        return Url.Replace("://", $"://root:{Uri.EscapeDataString(password)}@", StringComparison.Ordinal);
    }

    /// <summary>Takes the server away at once (SIGKILL) and waits until it is gone.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Starts it again on the same ports with its data; kills it before when it still runs.</summary>
    public async Task RestartAsync() => _process = await _process.RestartAsync(LaunchAsync);

    public void Freeze() => _process.Freeze();

    public void Thaw() => _process.Thaw();

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
                .. _authority is null ? Array.Empty<string>() : ["--cert-file", _authority.CertificateFile, "--key-file", _authority.KeyFile],
            ]),
        AnswersAsync);

    private async Task<bool> AnswersAsync(ServerProcess process)
    {
        using var client = NewClient();
        using var members = await client.PostAsJsonAsync("v3/cluster/member/list", new { });
        using var status = await client.PostAsJsonAsync("v3/maintenance/status", new { });
        return (await members.Content.ReadAsStringAsync()).Contains(Name, StringComparison.Ordinal)
            && (await status.Content.ReadAsStringAsync()).Contains("\"leader\":", StringComparison.Ordinal); // without one it answers no question
    }

    private HttpClient NewClient() => new(
        new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = _authority?.Trust } })
    {
        BaseAddress = new Uri(Url),
        Timeout = TimeSpan.FromSeconds(5),
    };
}
