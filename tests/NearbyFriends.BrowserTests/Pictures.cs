namespace NearbyFriends.BrowserTests;

/// <summary>Where pictures go that people are to look at.</summary>
internal static class Pictures
{
    /// <summary>.nearby/screenshots in the repository.</summary>
    public static string Folder { get; } = Directory.CreateDirectory(Path.Combine(Repository, ".nearby", "screenshots")).FullName;

    public static string Repository
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(directory.FullName, "NearbyFriends.sln")))
            {
                directory = directory.Parent ?? throw new InvalidOperationException("The tests do not run within the repository.");
            }

            return directory.FullName;
        }
    }
}
