namespace NearbyFriends.TestServers;

/// <summary>Finds the server programs of this machine.</summary>
internal static class Programs
{
    /// <summary>The program's full path, from PATH or else from <paramref name="folders"/> in their order; null when it is in none.</summary>
    public static string? Find(string name, params IEnumerable<string> folders) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Concat(folders)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    /// <summary>The program's full path.</summary>
    /// <exception cref="InvalidOperationException">This machine lacks it; the message says what to do: <paramref name="remedy"/>.</exception>
    public static string Require(string name, string remedy, params IEnumerable<string> folders) =>
        Find(name, folders) ?? throw new InvalidOperationException($"These tests run a real {name}, which this machine lacks: {remedy}.");
}
