using System.Xml.Linq;
using NearbyFriends.TestServers;

namespace NearbyFriends.DeployTests;

/// <summary>The images that <c>dotnet publish -t:PublishContainer</c> makes of the services.</summary>
public static class BuiltImages
{
    /// <summary>Repository and tag, without a registry, in order.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. new[] { "Api", "Gateway", "HistoryWorker" }.Select(project =>
            $"{Element($"NearbyFriends.{project}/NearbyFriends.{project}.csproj", "ContainerRepository")}:{Element("Directory.Build.props", "VersionPrefix")}")];

    private static string Element(string file, string name) => XDocument.Load(Path.Combine(Repository.Root, file)).Descendants(name).Single().Value;
}
