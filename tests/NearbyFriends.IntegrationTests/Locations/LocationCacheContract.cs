using Microsoft.Extensions.Time.Testing;
using NearbyFriends.Core.Geo;
using NearbyFriends.LocationCache;
using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Locations;

/// <summary>What holds for the location cache, on one server as on a Redis Cluster.</summary>
public abstract class LocationCacheContract(CacheServers servers)
{
    private readonly Location _here = Location.FromDegrees(1, 2, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()); // each test's own: entries expire

    private Location Later => _here with { Time = _here.Time + 1 };

    private readonly long[] _users = [.. Enumerable.Range(0, 300).Select(_ => Servers.NewUserId())];

    [Fact]
    public async Task Locations_that_are_written_together_are_judged_one_by_one_in_their_order()
    {
        var cache = servers.NewCache();
        await cache.HideAsync(_users[1], 2);

        var written = await cache.WriteAsync(
            [Update(_users[0], 1, _here), Update(_users[0], 1, Later), Update(_users[0], 1, _here), Update(_users[1], 2, _here), Update(_users[2], 1, _here)]);

        Assert.Equal([LocationWrite.Current, LocationWrite.Current, LocationWrite.Older, LocationWrite.Hidden, LocationWrite.Current], written);
        Assert.Equal(Later, (await cache.ReadAsync(_users[0]))!.Value.Location);
        Assert.Equal(_here, (await cache.ReadAsync(_users[2]))!.Value.Location);
    }

    [Fact]
    public async Task More_locations_than_a_script_takes_are_all_written_and_read_in_order()
    {
        var cache = servers.NewCache();

        var written = await cache.WriteAsync([.. _users.Select((user, index) => Update(user, index + 1, _here))]);

        Assert.All(written, outcome => Assert.Equal(LocationWrite.Current, outcome));
        var cached = await cache.ReadAsync(_users);
        Assert.True(cached.IsComplete);
        Assert.All(_users.Index(), user => Assert.Equal(new CachedLocation(user.Index + 1, _here), cached[user.Index]));
    }

    [Fact]
    public async Task A_location_of_a_version_at_which_the_user_hid_is_refused_and_one_of_the_next_is_taken()
    {
        var cache = servers.NewCache();
        await cache.HideAsync(_users[0], 2);

        Assert.Equal([LocationWrite.Hidden], await cache.WriteAsync([Update(_users[0], 1, Later)]));
        Assert.Equal([LocationWrite.Current], await cache.WriteAsync([Update(_users[0], 3, _here)]));
        Assert.Equal([LocationWrite.Older], await cache.WriteAsync([Update(_users[0], 1, Later)]));
    }

    [Fact]
    public async Task A_location_keeps_its_accuracy_and_goes_at_the_end_of_its_sharing()
    {
        var cache = servers.NewCache();
        var until = _here.Time + 300_000;
        await cache.WriteAsync([Update(_users[0], 1, _here) with { AccuracyMetres = 12, SharingUntil = until }, Update(_users[1], 1, _here) with { SharingUntil = 1 }]);

        Assert.Equal(new CachedLocation(1, _here, Accuracy.FromMetres(12), until), await cache.ReadAsync(_users[0]));
        Assert.Null(await cache.ReadAsync(_users[1]));
    }

    [Fact]
    public async Task A_location_goes_on_with_the_next_version_where_only_the_end_changes()
    {
        var cache = servers.NewCache();
        await cache.WriteAsync([Update(_users[0], 1, _here) with { AccuracyMetres = 12, SharingUntil = _here.Time + 300_000 }, Update(_users[1], 1, _here)]);
        await cache.HideAsync(_users[2], 1);

        await cache.ProlongAsync(_users[0], 2, sharingUntil: 0);
        await cache.ProlongAsync(_users[1], 3, sharingUntil: 0); // version 2, which hid, was not written
        await cache.ProlongAsync(_users[2], 2, sharingUntil: 0);

        Assert.Equal(new CachedLocation(2, _here, Accuracy.FromMetres(12)), await cache.ReadAsync(_users[0]));
        Assert.Equal(new CachedLocation(1, _here), await cache.ReadAsync(_users[1]));
        Assert.Equal(new CachedLocation(1, null), await cache.ReadAsync(_users[2]));
        await cache.ProlongAsync(_users[0], 3, sharingUntil: 1);
        Assert.Null(await cache.ReadAsync(_users[0]));
    }

    [Fact]
    public async Task A_write_that_is_not_answered_in_time_is_not_waited_for()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var cache = servers.NewCache(clock);
        await servers.PauseAsync();
        try
        {
            var write = cache.WriteAsync([Update(_users[0], 1, _here), Update(_users[1], 1, _here)]);
            Assert.False(write.IsCompleted);

            clock.Advance(new LocationCacheOptions().WritePatience);

            Assert.Equal([null, null], await write);
        }
        finally
        {
            await servers.ResumeAsync();
        }
    }

    private static LocationUpdate Update(long user, long sharingVersion, Location location) => new(user, sharingVersion, location, float.NaN, 0);
}

public sealed class OneCacheServerTests(OneCacheServer server) : LocationCacheContract(server), IClassFixture<OneCacheServer>;

public sealed class CacheClusterTests(CacheCluster cluster) : LocationCacheContract(cluster), IClassFixture<CacheCluster>;
