using System.Diagnostics;
using System.Reflection;
using NearbyFriends.TestServers;

namespace NearbyFriends.DeployTests;

/// <summary>What a program left behind.</summary>
/// <param name="ExitCode">0 for success, by custom.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record ProgramResult(int ExitCode, string Output, string Error);

/// <summary>Runs the programs that deployments are made with.</summary>
public static class DeployPrograms
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>A path that the build left in this assembly.</summary>
    public static string PathOf(string name) =>
        typeof(DeployPrograms).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == name).Value!;

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="TimeoutException">It took longer than two minutes, and was ended.</exception>
    public static ProgramResult Run(string program, IEnumerable<string> arguments, params (string Name, string? Value)[] environment)
    {
        // From the root: beside the tests lie the settings of services, which the AppHost would take for its own.
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Repository.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end within {Patience}.");
        }

        return new(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Whether a program of this name is on the PATH.</summary>
    public static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
