namespace NearbyFriends.Gateway.Transports;

/// <summary>Kestrel set for many quiet sockets in one process.</summary>
public static class SocketLimits
{
    public static void ConfigureSockets(this IWebHostBuilder host) => host.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.DisableStringReuse = true; // for a next request that a socket never has, its headers would be kept, the token among them
        kestrel.Limits.MaxConcurrentConnections = null; // the process's open files are the limit
        kestrel.Limits.MaxConcurrentUpgradedConnections = null;
        kestrel.Limits.MaxRequestBodySize = 64 * 1024;
    });
}
