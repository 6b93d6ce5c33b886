using NetArchTest.Rules;

namespace NearbyFriends.ArchitectureTests;

/// <summary>Dependencies point one way: services to libraries, libraries to Core, Core to nothing.</summary>
public sealed class DirectionTests
{
    private const string Core = "NearbyFriends.Core";
    private const string ServiceDefaults = "NearbyFriends.ServiceDefaults";

    [Fact]
    public void Projects_refer_only_to_what_lies_below_them()
    {
        var upwards = from project in Project.Product
                      from reference in project.References
                      where !MayRefer(project, Project.Named(reference))
                      select $"{project.Name} -> {reference}";

        Assert.Empty(upwards.Except(NotYet.References));
    }

    [Fact]
    public void Core_needs_no_package_and_does_no_IO()
    {
        var core = Project.Named(Core);
        var inputOutput = Types.InAssembly(core.Assembly).ShouldNot()
            .HaveDependencyOnAny("System.IO", "System.Net", "System.Data", "System.Diagnostics.Process", "Microsoft").GetResult();

        Assert.Empty(core.Frameworks);
        Assert.Empty(inputOutput.FailingTypeNames ?? []);
    }

    [Theory]
    [InlineData("NearbyFriends.Fanout", "Npgsql")]
    [InlineData("NearbyFriends.LocationCache", "Npgsql")]
    [InlineData("NearbyFriends.People", "StackExchange.Redis")]
    public void A_library_keeps_to_its_technology(string library, string technology)
    {
        var strangers = Types.InAssembly(Project.Named(library).Assembly).ShouldNot().HaveDependencyOn(technology).GetResult();

        Assert.Empty(strangers.FailingTypeNames ?? []);
    }

    private static bool MayRefer(Project project, Project to) => (project.Room, project.Name) switch
    {
        (_, Core) => false,
        ("libraries", _) => to.Name == Core,
        ("clients", _) => false,
        ("tools", _) => to.Room == "clients" || to.Name == "NearbyFriends.Tools",
        (_, ServiceDefaults) => to.Room == "libraries",
        (_, "NearbyFriends.AppHost") => to.Room != "libraries", // what it starts, not what that is made of
        _ => to.Room == "libraries" || to.Name == ServiceDefaults,
    };
}
