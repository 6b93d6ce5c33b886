namespace NearbyFriends.TestServers;

/// <summary>The working copy that the tests were built in.</summary>
public static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "NearbyFriends.sln")))
        {
            directory = directory.Parent ?? throw new DirectoryNotFoundException("The tests run outside the repository.");
        }

        return directory.FullName;
    }
}
