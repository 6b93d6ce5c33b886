using System.Reflection;
using System.Xml.Linq;
using NearbyFriends.TestServers;

namespace NearbyFriends.ArchitectureTests;

/// <summary>A project of the repository.</summary>
/// <param name="Name">Of its assembly and its root namespace.</param>
/// <param name="Folder">Absolute path.</param>
/// <param name="References">Names of the projects that it refers to.</param>
/// <param name="Frameworks">Names of the packages and of the shared frameworks that it refers to.</param>
internal sealed record Project(string Name, string Folder, IReadOnlyList<string> References, IReadOnlyList<string> Frameworks)
{
    /// <summary>All projects but the tests.</summary>
    public static IReadOnlyList<Project> Product => [.. All.Where(project => !project.IsTest)];

    /// <summary>All projects.</summary>
    public static IReadOnlyList<Project> All { get; } =
        [.. Directory.EnumerateFiles(Repository.Root, "*.csproj", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 }).Select(Read).OrderBy(project => project.Name, StringComparer.Ordinal)];

    /// <summary>The first folder below the repository's: <c>libraries</c>, <c>clients</c>, <c>tools</c>, <c>tests</c>, or its own.</summary>
    public string Room => Path.GetRelativePath(Repository.Root, Folder).Split(Path.DirectorySeparatorChar)[0];

    private bool IsTest => Room == "tests";

    /// <summary>Its compiled code.</summary>
    public Assembly Assembly => Assembly.Load(Name);

    /// <summary>Its source files, without what the build generates.</summary>
    public IEnumerable<string> Sources =>
        from file in Directory.EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
        where Path.GetRelativePath(Folder, file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj")
        select file;

    public static Project Named(string name) => All.Single(project => project.Name == name);

    public override string ToString() => Name;

    private static Project Read(string file)
    {
        var xml = XDocument.Load(file);
        return new(
            Path.GetFileNameWithoutExtension(file),
            Path.GetDirectoryName(file)!,
            [.. Included("ProjectReference").Select(Path.GetFileNameWithoutExtension).OfType<string>()],
            [.. Included("PackageReference"), .. Included("FrameworkReference")]);

        IEnumerable<string> Included(string item) => xml.Descendants(item).Select(element => element.Attribute("Include")!.Value);
    }
}
