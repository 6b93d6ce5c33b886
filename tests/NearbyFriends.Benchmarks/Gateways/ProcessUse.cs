using System.Globalization;

namespace NearbyFriends.Benchmarks.Gateways;

/// <summary>What a process uses, from /proc.</summary>
internal static class ProcessUse
{
    private const double TicksPerSecond = 100; // USER_HZ of Linux, whatever the kernel's own
    private const double CalmCores = 0.04; // of a server with thousands of idle connections
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestUnrest = TimeSpan.FromSeconds(60);

    /// <summary>Name of a running process, at most 15 characters of it.</summary>
    public static string Name(int process) => File.ReadAllText($"/proc/{process}/comm").Trim();

    /// <summary>Seconds of CPU of a process and all its children, those that ended included.</summary>
    public static double CpuSeconds(int process) =>
        Tree(process).Sum(id => Stat(id) is { } stat ? stat[11..15].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond : 0);

    /// <summary>Resident bytes.</summary>
    public static long Memory(int process) => Bytes($"/proc/{process}/status", "VmRSS:");

    /// <summary>Resident bytes of a process and all its children; a page that several share is counted in equal parts.</summary>
    public static long TreeMemory(int process) => Tree(process).Sum(id => Bytes($"/proc/{id}/smaps_rollup", "Pss:"));

    /// <summary>Waits, a minute at most, until processes have compiled what their last work made hot, and done what it caused.</summary>
    public static async Task CalmAsync(IReadOnlyCollection<int> processes)
    {
        for (var (waited, used) = (TimeSpan.Zero, double.MaxValue); used > CalmCores * processes.Count && waited < LongestUnrest; waited += Second)
        {
            var before = processes.Sum(CpuSeconds);
            await Task.Delay(Second);
            used = processes.Sum(CpuSeconds) - before;
        }
    }

    private static IEnumerable<int> Tree(int root)
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

        return From(root);

        IEnumerable<int> From(int id) => children.GetValueOrDefault(id, []).SelectMany(From).Prepend(id);
    }

    private static long Bytes(string file, string field)
    {
        try
        {
            var line = File.ReadLines(file).First(line => line.StartsWith(field, StringComparison.Ordinal));
            return 1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it ended
        }
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
