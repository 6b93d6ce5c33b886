using System.Diagnostics;

namespace NearbyFriends.AppHost.Servers;

/// <summary>Chooses where servers come from, by the setting <c>Servers</c>.</summary>
internal static class ServerSource
{
    private static readonly TimeSpan RuntimePatience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// <c>Containers</c> or <c>Installed</c>, as <c>Servers</c> says; unset: containers where a container runtime answers, else the
    /// programs that are installed on this machine. A deployment has servers of its own, unless <c>Servers=Containers</c>.
    /// </summary>
    /// <exception cref="DistributedApplicationException">The setting names no source, or a program is not installed.</exception>
    public static IServers AddServers(this IDistributedApplicationBuilder builder) =>
        (builder.Configuration["Servers"], builder.ExecutionContext.IsPublishMode) switch
        {
            ("Containers", _) => new ContainerServers(builder),
            ("Installed" or null or "", true) => new DeployedServers(builder),
            ("Installed", false) => new InstalledServers(builder),
            (null or "", false) => RuntimeAnswers() ? new ContainerServers(builder) : new InstalledServers(builder),
            var (other, _) => throw new DistributedApplicationException($"Servers must be Containers or Installed, but is '{other}'."),
        };

    private static bool RuntimeAnswers() => Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") is { Length: > 0 } chosen
        ? Answers(chosen)
        : Answers("docker") || Answers("podman");

    private static bool Answers(string runtime)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(runtime, "info") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return process.WaitForExit(RuntimePatience) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // not installed
        }
    }
}
