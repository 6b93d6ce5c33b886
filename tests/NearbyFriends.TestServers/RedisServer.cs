using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace NearbyFriends.TestServers;

/// <summary>A real redis-server on a free port, with a password, its data in a temporary folder.</summary>
/// <example><code>await using var redis = await RedisServer.StartAsync();</code></example>
public sealed class RedisServer : IKillable, IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nearbyfriends-redis-");
    private readonly string[] _arguments;
    private ServerProcess _process = null!;

    private RedisServer(int port, string password, string[] arguments) => (Port, Password, _arguments) = (port, password, arguments);

    /// <summary>The TCP port on 127.0.0.1; the same after <see cref="RestartAsync"/>.</summary>
    public int Port { get; }

    public string Password { get; }

    /// <summary>The server's process number.</summary>
    public int ProcessId => _process.Id;

    /// <summary>As StackExchange.Redis takes it; with INFO, CLIENT and CONFIG allowed.</summary>
    public string ConnectionString => $"127.0.0.1:{Port},password={Password},allowAdmin=true";

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

    /// <summary>Whether its process lives.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>Sends one command and returns its answer as text: the lines of a bulk string, or of an array's elements.</summary>
    /// <param name="command">Words, without quotation.</param>
    /// <exception cref="InvalidOperationException">The server answered with an error.</exception>
    public async Task<string> CommandAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"AUTH {Password}\r\n{command}\r\n"));
        await ReadReplyAsync(reader);
        return await ReadReplyAsync(reader);
    }

    /// <summary>From now on it takes TLS on another port, too.</summary>
    /// <returns>The connection string for it, with the password.</returns>
    public async Task<string> OpenTlsAsync(TestAuthority authority)
    {
        var port = FreePort.Choose();
        await CommandAsync($"CONFIG SET tls-cert-file {authority.CertificateFile} tls-key-file {authority.KeyFile} tls-ca-cert-file {authority.AuthorityFile} tls-auth-clients no tls-port {port}");
        return $"localhost:{port},password={Password},ssl=true";
    }

    /// <summary>Takes the server away at once (SIGKILL) and waits until it is gone.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Starts it again on the same port, with what it had saved; kills it before when it still runs.</summary>
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
            Programs.Require("redis-server", "install Redis 7 or later (Debian, Ubuntu: apt install redis-server; macOS: brew install redis)"),
            [
                "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--requirepass", Password,
                "--dir", _folder.FullName, "--save", "", "--appendonly", "no", .. _arguments,
            ]),
        AnswersAsync);

    // https://redis.io/docs/latest/develop/reference/protocol-spec/ (RESP 2); every text that tests ask for is ASCII.
    private static async Task<string> ReadReplyAsync(StreamReader reader)
    {
        var line = await reader.ReadLineAsync() ?? throw new EndOfStreamException("The server closed the connection.");
        switch (line[0])
        {
            case '-':
                throw new InvalidOperationException(line[1..]);
            case '$' when line == "$-1":
                return "";
            case '$':
                var text = new char[int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture) + 2];
                await reader.ReadBlockAsync(text);
                return new string(text, 0, text.Length - 2);
            case '*':
                var elements = new string[Math.Max(0, int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture))];
                for (var i = 0; i < elements.Length; i++)
                {
                    elements[i] = await ReadReplyAsync(reader);
                }

                return string.Join('\n', elements);
            default:
                return line[1..];
        }
    }

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
            {
                return true;
            }
        }

        return false;
    }
}
