using System.Net;

namespace NearbyFriends.ServiceDefaults.RateLimits;

/// <summary>Whom a limit by address counts as one.</summary>
public static class ClientAddress
{
    private const int NetworkBytes = 8;

    /// <summary>
    /// The key of an address: itself, or of IPv6 its network of 64 bits, which a household or a machine has to itself. An IPv4 address is the
    /// same however the listening socket writes it. Null (not a network connection) is the empty string.
    /// </summary>
    public static string KeyOf(IPAddress? address)
    {
        var bytes = address switch
        {
            null => [],
            { IsIPv4MappedToIPv6: true } => address.MapToIPv4().GetAddressBytes(),
            _ => address.GetAddressBytes(),
        };
        return Convert.ToHexString(bytes, 0, Math.Min(bytes.Length, NetworkBytes));
    }
}
