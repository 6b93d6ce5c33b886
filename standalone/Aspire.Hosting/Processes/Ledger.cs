using System.Globalization;

namespace Aspire.Hosting.Standalone;

/// <summary>
/// Which processes this AppHost started, in a file named by its own: <c>PROCESS START NAME</c> a line, where START is the
/// moment of its start in the kernel's clock, so that whoever cleans up after a crash never ends a stranger that has inherited
/// a number; and <c>- - FOLDER</c> for what is to be deleted with them. Deleted when all have been stopped.
/// </summary>
sealed class Ledger
{
    readonly string path;
    readonly Lock gate = new();

    public Ledger(string folder)
    {
        Directory.CreateDirectory(folder);
        path = Path.Combine(folder, $"{Environment.ProcessId}-{StartOf(Environment.ProcessId)}");
    }

    public void Add(int process, string name)
    {
        lock (gate) File.AppendAllText(path, $"{process.ToString(CultureInfo.InvariantCulture)} {StartOf(process)} {name}\n");
    }

    public void AddFolder(string folder)
    {
        lock (gate) File.AppendAllText(path, $"- - {folder}\n");
    }

    public void Delete()
    {
        lock (gate) File.Delete(path);
    }

    /// <summary>Field 22 of /proc/PID/stat; the second, a name in parentheses, may hold anything.</summary>
    static string StartOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (IOException)
        {
            // It has ended already.
            return "0";
        }
    }
}
