namespace NearbyFriends.ArchitectureTests;

public sealed class NamespaceCycleTests
{
    public static TheoryData<string> Projects => [.. Project.Product.Select(project => project.Name)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_two_namespaces_of_a_project_need_each_other(string project)
    {
        var cycles = NamespaceGraph.Of(Project.Named(project).Assembly).Cycles().ToList();

        Assert.True(cycles.Count == 0, string.Join('\n', cycles));
    }
}
