using System.Globalization;

namespace Aspire.Hosting.Standalone;

static class FileDescriptors
{
    /// <summary>How many this process may have open; the runtime raises the soft limit to the hard one at start.</summary>
    public static int Limit()
    {
        var line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, CultureInfo.InvariantCulture, out var limit) ? limit : int.MaxValue;
    }
}
