using System.Globalization;

namespace NearbyFriends.LoadGenerator;

/// <summary>Refuses a load that this machine cannot hold, before it half does.</summary>
public static class MachineLimits
{
    private const int FilesBesideConnections = 500;
    private const long BytesPerConnection = 70_000; // client, gateway, and the kernel's buffers of both

    /// <exception cref="InvalidOperationException">It cannot; the message says what is short and what to do.</exception>
    public static void Require(int connections)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new InvalidOperationException("A load runs on Linux: it reads /proc and binds to several loopback addresses.");
        }

        var perProcess = Math.Min(connections, Load.ConnectionsPerProcess);
        if (Files() is { } files && files < perProcess + FilesBesideConnections)
        {
            throw new InvalidOperationException(
                $"A process may open {files:N0} files here; {perProcess:N0} connections need {perProcess + FilesBesideConnections:N0}. Raise it (ulimit -n {perProcess + FilesBesideConnections}) or use --connections {files - FilesBesideConnections}.");
        }

        var ports = Ports();
        if (ports < perProcess)
        {
            throw new InvalidOperationException(
                $"There are {ports:N0} local ports an address here; {perProcess:N0} are needed. Widen net.ipv4.ip_local_port_range.");
        }

        var memory = AvailableMemory();
        if (memory < connections * BytesPerConnection)
        {
            throw new InvalidOperationException(
                $"{memory / 1e9:0.0} GB of memory are available; {connections:N0} connections take some {connections * BytesPerConnection / 1e9:0.0} GB on both sides. Use --connections {memory / BytesPerConnection}.");
        }
    }

    private static long? Files()
    {
        var words = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return long.TryParse(words[3], CultureInfo.InvariantCulture, out var files) ? files : null; // else "unlimited"
    }

    private static int Ports()
    {
        var range = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return int.Parse(range[1], CultureInfo.InvariantCulture) - int.Parse(range[0], CultureInfo.InvariantCulture) + 1;
    }

    private static long AvailableMemory() =>
        1024 * long.Parse(
            File.ReadLines("/proc/meminfo").First(line => line.StartsWith("MemAvailable", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
}
