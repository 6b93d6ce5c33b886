using System.Net;
using Microsoft.Extensions.Configuration;
using NearbyFriends.AppHost.Servers;

namespace NearbyFriends.AppHost;

/// <summary>Ports that are the same in every run.</summary>
internal static class Ports
{
    /// <summary>How many ports above the wanted one are tried.</summary>
    private const int Tries = 100;

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
        var port = Enumerable.Range(wanted, Tries).FirstOrDefault(FreePorts.IsFree);
        if (port == 0)
        {
            throw new DistributedApplicationException($"None of the {Tries} ports from {wanted} on is free; {key} says where to begin.");
        }

        if (port != wanted)
        {
            Console.WriteLine($"Port {wanted} is taken; using {port} instead ({key}).");
        }

        return port;
    }
}
