using System.Reflection;

namespace NearbyFriends.UnitTests.Architecture;

public sealed class NamespaceCycleTests
{
    [Theory]
    [InlineData("NearbyFriends.Core"), InlineData("NearbyFriends.Fanout"), InlineData("NearbyFriends.LocationCache"), InlineData("NearbyFriends.People"), InlineData("NearbyFriends.History")]
    [InlineData("NearbyFriends.Client"), InlineData("NearbyFriends.Simulator"), InlineData("NearbyFriends.Ops"), InlineData("NearbyFriends.Api"), InlineData("NearbyFriends.Gateway"), InlineData("NearbyFriends.HistoryWorker"), InlineData("NearbyFriends.ServiceDefaults")]
    public void No_two_namespaces_of_a_project_need_each_other(string project)
    {
        var cycles = NamespaceGraph.Of(Assembly.Load(project)).Cycles().ToList();

        Assert.True(cycles.Count == 0, string.Join('\n', cycles));
    }
}
