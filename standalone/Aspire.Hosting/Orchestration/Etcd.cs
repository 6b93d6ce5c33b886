using System.Globalization;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Standalone;

/// <summary>The machine's etcd in place of the container image. Its data ends with the run, as an unmounted container's does.</summary>
static class Etcd
{
    public static Task<ProcessPlan> Plan(ServerSetup setup)
    {
        var client = Url(setup.Port);
        var peer = Url(Machine.FreePort());
        // Set by environment alone: etcd refuses to start where a variable and an argument speak of the same thing. The
        // addresses that the model gives are those inside a container.
        var environment = new Dictionary<string, string>
        {
            ["ETCD_DATA_DIR"] = setup.DataFolder,
            ["ETCD_LISTEN_CLIENT_URLS"] = client,
            ["ETCD_ADVERTISE_CLIENT_URLS"] = client,
            ["ETCD_LISTEN_PEER_URLS"] = peer,
            ["ETCD_INITIAL_ADVERTISE_PEER_URLS"] = peer,
            ["ETCD_INITIAL_CLUSTER"] = $"default={peer}",
            ["ETCD_LOGGER"] = "zap",
            ["ETCD_LOG_LEVEL"] = "warn",
        };
        // Debian's older builds ask for it there, and start nowhere else with it.
        if (RuntimeInformation.OSArchitecture == Architecture.Arm64) environment["ETCD_UNSUPPORTED_ARCH"] = "arm64";

        return Task.FromResult(new ProcessPlan(Machine.Find("etcd", "etcd-server"), setup.Arguments) { Environment = environment });
    }

    static string Url(int port) => $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";
}
