using System.Net;
using System.Net.Sockets;

namespace NearbyFriends.Api.Notices;

/// <summary>
/// Connects to addresses of the public internet only: a push endpoint is chosen by a user, who must not reach what this service can
/// reach (server-side request forgery).
/// </summary>
/// <remarks>
/// The address is judged after the name was resolved, and that address is connected to: a name that resolves to another address the next
/// time gains nothing. Sources: the IANA special-purpose address registries for IPv4 and IPv6.
/// </remarks>
public static class PublicAddresses
{
    // Where IPv6 is not global unicast, or carries an IPv4 address that nobody looks at here (NAT64, Teredo, 6to4).
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(network => IPNetwork.Parse(network)),
    ];

    /// <summary>Whether the address is one of the public internet.</summary>
    public static bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return (plain.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(plain))
            && !Array.Exists(NotPublic, network => network.Contains(plain));
    }

    /// <summary>Connects to the first public address of a host that answers.</summary>
    /// <exception cref="HttpRequestException">The host has no public address.</exception>
    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        var allowed = Array.FindAll(addresses, Contains);
        if (allowed.Length == 0)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, "The host of the push endpoint has no public address.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
