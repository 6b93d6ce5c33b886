using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace NearbyFriends.AppHost.Servers;

/// <summary>TCP ports on this machine's loopback address.</summary>
internal static class FreePorts
{
    // Below the ports that the system gives to outgoing connections, so that none of those takes one before its server does.
    private const int FirstOfAny = 20_000;
    private const int LastOfAny = 31_999;

    /// <summary>A free port, another in every run.</summary>
    public static int Any()
    {
        while (true)
        {
            var port = Random.Shared.Next(FirstOfAny, LastOfAny);
            if (IsFree(port))
            {
                return port;
            }
        }
    }

    public static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    public static bool IsFree(int port)
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
