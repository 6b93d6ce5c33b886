namespace NearbyFriends.ArchitectureTests;

public sealed class NamespaceFolderTests
{
    public static TheoryData<string> Projects => [.. Project.All.Select(project => project.Name)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_namespace_is_the_name_of_the_project_and_the_folder(string project)
    {
        var misplaced = from file in Project.Named(project).Sources
                        let expected = NamespaceOf(Project.Named(project), file)
                        let line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal))
                        where line is not null && line != $"namespace {expected};" // a program's first lines have none
                        select $"{file}: {line} should be {expected}";

        Assert.Empty(misplaced);
    }

    private static string NamespaceOf(Project project, string file)
    {
        var folder = Path.GetRelativePath(project.Folder, Path.GetDirectoryName(file)!);
        return folder == "." ? project.Name : $"{project.Name}.{folder.Replace(Path.DirectorySeparatorChar, '.')}";
    }
}
