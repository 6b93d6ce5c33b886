using NearbyFriends.Benchmarks.Chaos;
using NearbyFriends.IntegrationTests.Load;

namespace NearbyFriends.IntegrationTests.Chaos;

/// <summary><c>./nearby bench chaos</c> in small: its own claims, with few clients and for a few seconds.</summary>
[Collection(AloneCollection.Name)]
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int Seed = 3;

    [Fact]
    public async Task While_processes_die_and_freeze_nobody_hidden_is_shown_no_list_stays_wrong_and_nothing_taken_is_lost()
    {
        var size = new ChaosSize(Users: 24, Gateways: 2, Workers: 1);

        var result = await new ChaosRun(size, Seed, output.WriteLine).RunAsync(rounds: 1, TimeSpan.FromSeconds(10));

        Assert.Empty(result.Shown);
        Assert.Empty(result.WrongLists);
        Assert.Empty(result.Stuck);
        Assert.Equal((0, 0, 0, 0), (result.History.Lost, result.History.Duplicated, result.History.Unknown, result.History.Hidden));
        Assert.True(result is { Faults: > 0, Changes: > 0, History.Stored: > 0 }, "something failed, changed and was stored");
    }
}
