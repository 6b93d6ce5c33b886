using Microsoft.Extensions.Configuration;
using NearbyFriends.AppHost.Servers;

namespace NearbyFriends.AppHost;

/// <summary>The Aspire dashboard's addresses, which it reads from environment variables before there is a builder.</summary>
internal static class Dashboard
{
    private const int DefaultPort = 15888;

    /// <summary>
    /// Gives it a free port, <c>Ports:Dashboard</c> or above, and free ones for what it receives: several clones of this repository
    /// may run on one machine. <c>Dashboard=false</c> leaves it out.
    /// </summary>
    /// <returns>Whether there is one.</returns>
    public static bool Configure(string[] args)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();
        if (configuration["Dashboard"] == "false")
        {
            return false;
        }

        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", Address(Ports.Stable(configuration, "Ports:Dashboard", DefaultPort)));
        Environment.SetEnvironmentVariable("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", Address(FreePorts.Any()));
        Environment.SetEnvironmentVariable("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", Address(FreePorts.Any()));
        Environment.SetEnvironmentVariable("ASPIRE_ALLOW_UNSECURED_TRANSPORT", "true"); // on this machine only
        return true;
    }

    private static string Address(int port) => $"http://localhost:{FreePorts.Text(port)}";
}
