using Microsoft.Extensions.Time.Testing;
using NearbyFriends.Gateway.Alerts;
using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Alerts;

public sealed class ApproachesTests(Servers servers)
{
    private static readonly TimeSpan Cooldown = TimeSpan.FromHours(1);

    private readonly (long Me, long Friend) _ids = (Servers.NewUserId(), Servers.NewUserId());

    [Fact]
    public async Task What_was_not_told_after_all_is_told_by_the_next_who_sees_it()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await servers.RedisAsync()).ConnectionString);
        var approaches = new Approaches(redis, new FakeTimeProvider(DateTimeOffset.UtcNow));
        Task<Approaches.Telling?> NearAsync() => approaches.EnterAsync(_ids.Me, _ids.Friend, Proximity.Near, Cooldown);

        var telling = await NearAsync();
        Assert.NotNull(telling);
        Assert.Null(await NearAsync());

        await telling.TakeBackAsync();
        Assert.NotNull(await NearAsync());
    }
}
