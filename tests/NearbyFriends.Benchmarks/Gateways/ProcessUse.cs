using System.Globalization;

namespace NearbyFriends.Benchmarks.Gateways;

/// <summary>What a process uses, from /proc.</summary>
internal static class ProcessUse
{
    private const double TicksPerSecond = 100; // USER_HZ of Linux, whatever the kernel's own

    /// <summary>Seconds of CPU of a process and all its children, those that ended included.</summary>
    public static double CpuSeconds(int process)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var id) && Stat(id) is { } stat)
            {
                var parent = int.Parse(stat[1], CultureInfo.InvariantCulture);
                (children.TryGetValue(parent, out var siblings) ? siblings : children[parent] = []).Add(id);
            }
        }

        return Tree(process);

        double Tree(int id) =>
            (Stat(id) is { } stat ? stat[11..15].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond : 0)
            + children.GetValueOrDefault(id, []).Sum(Tree);
    }

    /// <summary>Resident bytes.</summary>
    public static long Memory(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    // The fields after the name, which may hold spaces: 0 state, 1 parent, 11 to 14 CPU (user, system, and ended children's).
    private static string[]? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null; // it ended
        }
    }
}
