namespace NearbyFriends.ArchitectureTests;

public sealed class NamespaceCycleTests
{
    // Not yet: its rooms are being divided. Who has divided them takes it away here.
    private const string NotYet = "NearbyFriends.Gateway";

    public static TheoryData<string> Projects => [.. Project.Product.Select(project => project.Name).Where(name => name != NotYet)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_two_namespaces_of_a_project_need_each_other(string project)
    {
        var cycles = NamespaceGraph.Of(Project.Named(project).Assembly).Cycles().ToList();

        Assert.True(cycles.Count == 0, string.Join('\n', cycles));
    }
}
