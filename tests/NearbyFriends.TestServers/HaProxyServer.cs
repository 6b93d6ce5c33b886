using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace NearbyFriends.TestServers;

/// <summary>
/// A real haproxy with the configuration that deployments use, deploy/haproxy/haproxy.cfg, except for its servers: here they are slots,
/// into which a gateway's address is put while it runs, as a DNS name would get another address.
/// </summary>
/// <example><code>
/// await using var balancer = await HaProxyServer.StartAsync(slots: 2);
/// await balancer.PutAsync(slot: 0, gateway);
/// </code></example>
public sealed partial class HaProxyServer : IAsyncDisposable
{
    private const int MaxClients = 4_000; // each takes two file descriptors

    private readonly DirectoryInfo _folder;
    private readonly ServerProcess _process;

    private HaProxyServer(DirectoryInfo folder, ServerProcess process, Uri address) => (_folder, _process, Address) = (folder, process, address);

    /// <summary>What clients connect to.</summary>
    public Uri Address { get; }

    private string Socket => SocketIn(_folder);

    /// <summary>Starts it with empty slots.</summary>
    /// <param name="slots">How many gateways there can be at once.</param>
    /// <param name="checkEvery">Interval of the health checks, as the deployments' when null.</param>
    /// <param name="bindOptions">What follows the address of HAPROXY_BIND, such as TLS.</param>
    /// <exception cref="InvalidOperationException">haproxy is not installed; the message says how to get it.</exception>
    public static Task<HaProxyServer> StartAsync(int slots, TimeSpan? checkEvery = null, string bindOptions = "") => FreePort.UseAsync(async port =>
    {
        var folder = Directory.CreateTempSubdirectory("nearbyfriends-haproxy-");
        try
        {
            var file = Path.Combine(folder.FullName, "haproxy.cfg");
            await File.WriteAllTextAsync(file, Configuration(slots, SocketIn(folder)));
            string[] settings =
            [
                $"HAPROXY_BIND=127.0.0.1:{port}{bindOptions}",
                $"HAPROXY_MAXCONN={MaxClients}",
                $"HAPROXY_STATS=127.0.0.1:{FreePort.Choose()}",
                .. checkEvery is { } interval ? [$"HAPROXY_CHECK_EVERY={interval.TotalMilliseconds:0}ms"] : Array.Empty<string>(),
            ];
            var program = Programs.Require("haproxy", "install HAProxy 2.6 or later (Debian, Ubuntu: apt install haproxy)", "/usr/sbin");
            var process = await ServerProcess.StartAndAnswerAsync(
                () => ServerProcess.StartAsync(Programs.Require("env", "install coreutils"), [.. settings, program, "-db", "-f", file]),
                async process => (await AskAsync(SocketIn(folder), "show info")).Contains($"Pid: {process.Id}\n", StringComparison.Ordinal));
            return new HaProxyServer(folder, process, new Uri($"{(bindOptions.Contains(" ssl ", StringComparison.Ordinal) ? "https" : "http")}://127.0.0.1:{port}"));
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    });

    /// <summary>Puts a gateway into a slot; it gets connections as soon as it is ready. Connections of the one before stay.</summary>
    public async Task PutAsync(int slot, Uri gateway)
    {
        await CommandAsync($"set server gateways/slot-{slot} addr {gateway.Host} port {gateway.Port}");
        await CommandAsync($"set server gateways/slot-{slot} state ready");
    }

    /// <summary>Which share of new connections a slot gets: 0 (none) to 256.</summary>
    public Task SetWeightAsync(int slot, int weight) => CommandAsync($"set server gateways/slot-{slot} weight {weight}");

    /// <summary>Whether the last health check of a slot succeeded.</summary>
    public async Task<bool> IsUpAsync(int slot) =>
        (await AskAsync(Socket, "show stat")).Split('\n').Any(line => line.StartsWith($"gateways,slot-{slot},", StringComparison.Ordinal) && line.Contains(",UP,", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string SocketIn(DirectoryInfo folder) => Path.Combine(folder.FullName, "admin.sock");

    private static string Configuration(int slots, string socket)
    {
        var shipped = File.ReadAllText(Path.Combine(Repository.Root, "deploy", "haproxy", "haproxy.cfg"));
        var own = new StringBuilder();
        for (var slot = 0; slot < slots; slot++)
        {
            own.Append(CultureInfo.InvariantCulture, $"    server slot-{slot} 127.0.0.1:1 disabled\n"); // port 1: nobody yet
        }

        var withSlots = Gateways().Replace(shipped, own.ToString(), count: 1);
        return Servers().Replace(withSlots, "").Replace("\nglobal\n", $"\nglobal\n    stats socket {socket} level admin\n", StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(string path, string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\n"));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    private async Task CommandAsync(string command)
    {
        var answer = (await AskAsync(Socket, command)).Trim();
        if (answer.Length > 0 && !answer.Contains("changed from", StringComparison.Ordinal) && !answer.Contains("no need to change", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"haproxy answered '{command}' with: {answer}");
        }
    }

    /// <summary>The lines of the gateways.</summary>
    [GeneratedRegex(@"(^    server gateway-\d.*\n)+", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Gateways();

    /// <summary>The lines of other servers, whose names cannot be resolved here.</summary>
    [GeneratedRegex(@"^    server api-\d.*\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Servers();
}
