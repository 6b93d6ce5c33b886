using System.Text.Json;

namespace Aspire.Hosting.Standalone;

/// <summary>
/// <c>.nearby</c> beside the AppHost's folder, ignored by git: data that outlives a run, generated passwords, and which
/// processes were started. What need not outlive the run lies in <see cref="Scratch"/>,
/// deleted at the end, or by whoever cleans up after a crash.
/// </summary>
sealed class StateFolder(string root)
{
    readonly string scratch = Path.Combine(Path.GetTempPath(), $"nearbyfriends-{Guid.NewGuid():N}");

    public string Parameters => Path.Combine(root, "parameters.json");

    public string Processes => Path.Combine(root, "processes");

    public string Data(string name) => Path.Combine(root, "data", name);

    /// <summary>In the system's temporary folder, so that a server that runs as another user can reach it.</summary>
    public string Scratch(string name) => Path.Combine(scratch, name);

    public void CreateScratch(Ledger ledger) => ledger.AddFolder(Directory.CreateDirectory(scratch).FullName);

    public void DeleteScratch()
    {
        if (Directory.Exists(scratch)) Directory.Delete(scratch, recursive: true);
    }

    public static StateFolder Of(IDistributedApplicationBuilder builder) =>
        new(Path.GetFullPath(Path.Combine(builder.AppHostDirectory, "..", ".nearby")));
}

/// <summary>Generated parameters that must be the same in the next run, as the password of a database that keeps its data.</summary>
sealed class KeptParameters(string path)
{
    public string GetOrAdd(string name, Func<string> generate)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        using var file = Open(options);
        var kept = file.Length == 0 ? [] : JsonSerializer.Deserialize<Dictionary<string, string>>(file)!;
        if (kept.TryGetValue(name, out var value)) return value;

        kept[name] = value = generate();
        file.SetLength(0);
        JsonSerializer.Serialize(file, kept);
        return value;
    }

    // Two AppHosts may start at once (a run and a test): the file is locked while one of them looks.
    FileStream Open(FileStreamOptions options)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException) when (attempt < 100)
            {
                Thread.Sleep(20);
            }
        }
    }
}
