namespace NearbyFriends.AppHost.Servers;

/// <summary>What <c>Servers=Installed</c> needs on the machine.</summary>
internal static class InstalledPrograms
{
    // Debian keeps Postgres's programs off the PATH.
    private static readonly (string Program, string Package, string? Folder)[] Needed =
    [
        ("redis-server", "redis-server", null),
        ("initdb", "postgresql", "/usr/lib/postgresql"),
        ("etcd", "etcd-server", null),
        ("setpriv", "util-linux", null),
    ];

    /// <exception cref="DistributedApplicationException">Some are missing; the message names them and the Debian packages that bring them.</exception>
    public static void RequireAll()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new DistributedApplicationException("Servers=Installed runs on Linux only. Start Docker or Podman, which Servers=Containers uses.");
        }

        var missing = Needed.Where(needed => !IsOnPath(needed.Program) && !IsBelow(needed.Folder, needed.Program)).ToArray();
        if (missing.Length == 0)
        {
            return;
        }

        throw new DistributedApplicationException(
            $"Not installed: {string.Join(", ", missing.Select(needed => needed.Program))}. Servers=Installed needs "
            + $"{(missing.Length == 1 ? "it" : "them")}; on Debian: apt-get install {string.Join(' ', missing.Select(needed => needed.Package))}");
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static bool IsBelow(string? folder, string program) =>
        Directory.Exists(folder) && Directory.EnumerateDirectories(folder).Any(version => File.Exists(Path.Combine(version, "bin", program)));
}
