using NearbyFriends.TestServers;

namespace NearbyFriends.BrowserTests;

/// <summary>Where pictures go that people are to look at.</summary>
internal static class Pictures
{
    /// <summary>.nearby/screenshots in the repository.</summary>
    public static string Folder { get; } = Directory.CreateDirectory(Path.Combine(Repository.Root, ".nearby", "screenshots")).FullName;
}
