using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace NearbyFriends.TestServers;

/// <summary>Finds TCP ports on the loopback address for servers.</summary>
public static class FreePort
{
    // Below the range from which systems take the local ports of outgoing connections (32768 on Linux, 49152 on macOS),
    // so that a server that was killed finds its port free when it is restarted.
    private const int First = 15_000;
    private const int Last = 32_000;
    private const int Attempts = 10;

    private static readonly ConcurrentDictionary<int, bool> Chosen = new();

    /// <summary>
    /// Starts a server on a free port. Between the choice of a port and its use another process may take it, so a
    /// server that ends before it answers is started again on another port.
    /// </summary>
    /// <exception cref="ServerEndedException">No attempt succeeded.</exception>
    public static async Task<T> UseAsync<T>(Func<int, Task<T>> start)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await start(Choose());
            }
            catch (ServerEndedException) when (attempt < Attempts)
            {
                // Probably the port; a server that cannot start at all says so at the last attempt.
            }
        }
    }

    /// <summary>A port that nothing listens on at this moment. This process chooses none twice: that of a killed server stays its own.</summary>
    public static int Choose()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(First, Last);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                if (Chosen.TryAdd(port, true))
                {
                    return port;
                }
            }
            catch (SocketException)
            {
                // Taken; the next one.
            }
        }
    }
}
