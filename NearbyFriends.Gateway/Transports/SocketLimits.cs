namespace NearbyFriends.Gateway.Transports;

/// <summary>Kestrel set for many quiet sockets in one process.</summary>
public static class SocketLimits
{
    public static void ConfigureSockets(this IWebHostBuilder host) => host.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = null; // the process's open files are the limit
        kestrel.Limits.MaxConcurrentUpgradedConnections = null;
        kestrel.Limits.MaxRequestBodySize = 64 * 1024;
    });
}
