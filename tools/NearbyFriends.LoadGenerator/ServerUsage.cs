using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace NearbyFriends.LoadGenerator;

/// <summary>What a server has used.</summary>
/// <param name="Name">Its program and process number, or where it is.</param>
/// <param name="CpuSeconds">Of all its threads.</param>
/// <param name="MemoryBytes">Resident; 0 where it is not known.</param>
internal sealed record ServerUsage(string Name, double CpuSeconds, long MemoryBytes)
{
    private static readonly string[] Programs = ["redis-server", "postgres", "etcd"];

    /// <summary>Of our services and their servers on this machine, from /proc, and of each Redis given, from its INFO.</summary>
    public static async Task<IReadOnlyList<ServerUsage>> TakeAsync(IReadOnlyList<string> redis, IEnumerable<int> without)
    {
        var found = new List<ServerUsage>();
        var ours = without.Append(Environment.ProcessId).ToHashSet();
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                if (!ours.Contains(process.Id) && ProgramOf(process.Id) is { } program)
                {
                    Add(found, process, program);
                }
            }
        }

        foreach (var server in redis)
        {
            found.Add(new($"redis {server.Split(',')[0]} (INFO)", await RedisCpuAsync(server), 0));
        }

        return found;
    }

    /// <summary>What each used between two looks; only those that were there at both and did something.</summary>
    public static IEnumerable<ServerUsage> Between(IReadOnlyList<ServerUsage> before, IReadOnlyList<ServerUsage> after) =>
        from now in after
        join then in before on now.Name equals then.Name
        where now.CpuSeconds - then.CpuSeconds >= 0.01
        orderby now.CpuSeconds - then.CpuSeconds descending
        select now with { CpuSeconds = now.CpuSeconds - then.CpuSeconds };

    private static void Add(List<ServerUsage> found, Process process, string program)
    {
        try
        {
            found.Add(new($"{program} {process.Id}", process.TotalProcessorTime.TotalSeconds, process.WorkingSet64));
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // it ended, or is another user's
        }
    }

    private static string? ProgramOf(int process)
    {
        try
        {
            var words = File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
            return Programs.FirstOrDefault(program => Path.GetFileName(words[0].Split(' ')[0].TrimEnd(':')) == program)
                ?? words.Take(2).Select(Path.GetFileNameWithoutExtension).FirstOrDefault(word => word!.StartsWith("NearbyFriends.", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return null; // it ended, or this is no Linux
        }
    }

    private static async Task<double> RedisCpuAsync(string server)
    {
        var parts = server.Split(',');
        var address = parts[0].Split(':');
        using var client = new TcpClient();
        await client.ConnectAsync(address[0], int.Parse(address[1], CultureInfo.InvariantCulture));
        await using var stream = client.GetStream();
        var password = parts.FirstOrDefault(part => part.StartsWith("password=", StringComparison.Ordinal))?["password=".Length..];
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{(password is null ? "" : $"AUTH {password}\r\n")}INFO cpu\r\nQUIT\r\n"));
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync()).Split("\r\n")
            .Where(line => line.StartsWith("used_cpu_sys:", StringComparison.Ordinal) || line.StartsWith("used_cpu_user:", StringComparison.Ordinal))
            .Sum(line => double.Parse(line.Split(':')[1], CultureInfo.InvariantCulture));
    }
}
