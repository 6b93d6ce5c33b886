using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace NearbyFriends.TestServers;

/// <summary>A real redis-server on a free port, with a password, its data in a temporary folder.</summary>
/// <example><code>await using var redis = await RedisServer.StartAsync();</code></example>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nearbyfriends-redis-");
    private readonly string[] _arguments;
    private ServerProcess _process = null!;

    private RedisServer(int port, string password, string[] arguments) => (Port, Password, _arguments) = (port, password, arguments);

    /// <summary>The TCP port on 127.0.0.1; the same after <see cref="RestartAsync"/>.</summary>
    public int Port { get; }

    public string Password { get; }

    /// <summary>As StackExchange.Redis takes it.</summary>
    public string ConnectionString => $"127.0.0.1:{Port},password={Password}";

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <param name="password">Random when null.</param>
    /// <param name="arguments">Added to the command line, such as <c>"--appendonly", "yes"</c>; by default nothing is saved.</param>
    /// <exception cref="InvalidOperationException">redis-server is not installed; the message says how to get it.</exception>
    public static Task<RedisServer> StartAsync(string? password = null, params string[] arguments) =>
        FreePort.UseAsync(async port =>
        {
            var server = new RedisServer(port, password ?? RandomNumberGenerator.GetHexString(24, lowercase: true), arguments);
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

    /// <summary>Starts it again on the same port, with what it had saved; kills it before when it still runs.</summary>
    public async Task RestartAsync() => _process = await _process.RestartAsync(LaunchAsync);

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private Task<ServerProcess> LaunchAsync() => ServerProcess.StartAndAnswerAsync(
        () => ServerProcess.StartAsync(
            Programs.Require("redis-server", "install Redis 7 or later (Debian, Ubuntu: apt install redis-server; macOS: brew install redis)"),
            [
                "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--requirepass", Password,
                "--dir", _folder.FullName, "--save", "", "--appendonly", "no", .. _arguments,
            ]),
        AnswersAsync);

    // The process id tells this server from one that took the port a moment earlier.
    private async Task<bool> AnswersAsync(ServerProcess process)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"AUTH {Password}\r\nINFO server\r\nPING\r\n"));
        while (await reader.ReadLineAsync() is { } line && line != "+PONG")
        {
            if (line == $"process_id:{process.Id}")
                return true;
        }

        return false;
    }
}
