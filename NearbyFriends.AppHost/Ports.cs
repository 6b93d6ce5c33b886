using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace NearbyFriends.AppHost;

/// <summary>TCP ports on this machine's loopback address.</summary>
static class Ports
{
    /// <summary>How many ports above the wanted one are tried.</summary>
    const int Tries = 100;

    // Below the ports that the system gives to outgoing connections, so that none of those takes one before its server does.
    const int FirstOfAny = 20_000;
    const int LastOfAny = 31_999;

    /// <summary>
    /// The port that configuration sets for something whose address should be the same in every run, or the next free one above it.
    /// </summary>
    /// <param name="configuration">Of the AppHost.</param>
    /// <param name="key">Such as <c>Ports:Api</c>; 1 to 65535.</param>
    /// <param name="otherwise">When the key is not set.</param>
    /// <exception cref="DistributedApplicationException">The value is no port, or none is free.</exception>
    public static int Stable(IConfiguration configuration, string key, int otherwise)
    {
        var wanted = configuration.Number(key, 1, otherwise, IPEndPoint.MaxPort);
        var port = Enumerable.Range(wanted, Tries).FirstOrDefault(IsFree);
        if (port == 0) throw new DistributedApplicationException($"None of the {Tries} ports from {wanted} on is free; {key} says where to begin.");

        if (port != wanted) Console.WriteLine($"Port {wanted} is taken; using {port} instead ({key}).");
        return port;
    }

    /// <summary>A free port, another in every run.</summary>
    public static int Any()
    {
        while (true)
        {
            var port = Random.Shared.Next(FirstOfAny, LastOfAny);
            if (IsFree(port)) return port;
        }
    }

    public static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
