using System.Collections.Immutable;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using NearbyFriends.Fanout.Discovery;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Discovery;

/// <summary>What the ring needs of etcd, against a real one.</summary>
public sealed class EtcdTests : IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private EtcdServer _server = null!;
    private EtcdClient _etcd = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await EtcdServer.StartAsync();
        _etcd = new EtcdClient([new Uri(_server.Url)]);
    }

    public async ValueTask DisposeAsync()
    {
        _etcd.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_key_is_written_only_if_it_is_the_one_that_was_read()
    {
        Assert.True(await _etcd.TryPutAsync("ring", "first", modRevision: 0, cancellationToken: Cancel));
        Assert.False(await _etcd.TryPutAsync("ring", "also first", modRevision: 0, cancellationToken: Cancel));
        var read = await _etcd.GetAsync("ring", Cancel);

        Assert.Equal("first", read!.Value);
        Assert.True(await _etcd.TryPutAsync("ring", "second", read.ModRevision, cancellationToken: Cancel));
        Assert.False(await _etcd.TryPutAsync("ring", "too late", read.ModRevision, cancellationToken: Cancel));
        Assert.Equal("second", (await _etcd.GetAsync("ring", Cancel))!.Value);
    }

    [Fact]
    public async Task Who_no_longer_leads_writes_nothing()
    {
        await _etcd.PutAsync("leader", "a", cancellationToken: Cancel);
        var term = (await _etcd.GetAsync("leader", Cancel))!.CreateRevision;
        Assert.True(await _etcd.TryPutAsync("ring", "by a", 0, holding: ("leader", term), cancellationToken: Cancel));
        await _etcd.DeleteAsync("leader", Cancel);
        await _etcd.PutAsync("leader", "b", cancellationToken: Cancel);
        var ring = (await _etcd.GetAsync("ring", Cancel))!.ModRevision;

        Assert.False(await _etcd.TryPutAsync("ring", "by a again", ring, holding: ("leader", term), cancellationToken: Cancel));
        Assert.False(await _etcd.TryDeleteAsync("leader", term, Cancel));
    }

    [Fact]
    public async Task A_lease_that_is_given_back_takes_its_keys_along()
    {
        using var stop = new CancellationTokenSource();
        var lease = new EtcdLease(
            _etcd, TimeSpan.FromSeconds(10), (id, cancel) => _etcd.PutAsync("process", "me", id, cancel), TimeProvider.System, NullLogger.Instance);
        var running = lease.RunAsync(stop.Token);
        await Eventually.True(async () => await _etcd.GetAsync("process", Cancel) is not null, "the key is there");
        await Eventually.True(() => lease.IsHeld, "it is held");

        await stop.CancelAsync();
        await running;

        Assert.Null(await _etcd.GetAsync("process", Cancel));
    }

    [Fact]
    public async Task A_lease_that_ended_is_replaced_by_another_with_its_keys()
    {
        using var stop = new CancellationTokenSource();
        var lease = new EtcdLease(
            _etcd, TimeSpan.FromSeconds(10), (id, cancel) => _etcd.PutAsync("process", "me", id, cancel), TimeProvider.System, NullLogger.Instance);
        var running = lease.RunAsync(stop.Token);
        await Eventually.True(async () => await _etcd.GetAsync("process", Cancel) is not null, "the key is there");
        var first = lease.Id;

        await _etcd.RevokeLeaseAsync(first, Cancel);

        await Eventually.True(async () => lease.Id != first && await _etcd.GetAsync("process", Cancel) is not null, "the key is there again, with another lease");
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_follower_sees_what_there_is_and_what_comes()
    {
        await _etcd.PutAsync("a/1", "one", cancellationToken: Cancel);
        await using var follower = Follow();
        Assert.Equal(["1=one"], await NextAsync(follower));

        var next = NextAsync(follower);
        await _etcd.PutAsync("b/1", "not ours", cancellationToken: Cancel);
        await _etcd.PutAsync("a/2", "two", cancellationToken: Cancel);
        Assert.Equal(["1=one", "2=two"], await next);

        await _etcd.DeleteAsync("a/1", Cancel);
        Assert.Equal(["2=two"], await NextAsync(follower));
    }

    [Fact]
    public async Task A_follower_takes_up_where_it_was_when_etcd_returns()
    {
        await using var follower = Follow();
        await NextAsync(follower);
        var next = NextAsync(follower);
        await _server.KillAsync();
        await _server.RestartAsync();

        await _etcd.PutAsync("a/1", "one", cancellationToken: Cancel);

        Assert.Equal(["1=one"], await next);
    }

    [Fact]
    public async Task A_follower_survives_that_what_it_missed_is_compacted_away()
    {
        await using var follower = Follow();
        await NextAsync(follower);
        await _etcd.PutAsync("a/1", "one", cancellationToken: Cancel);
        await _etcd.PutAsync("a/1", "two", cancellationToken: Cancel);
        await _etcd.DeleteAsync("a/1", Cancel);
        await _etcd.PutAsync("a/2", "three", cancellationToken: Cancel);
        await CompactAsync((await _etcd.GetRangeAsync("a/", Cancel)).Revision);

        Assert.Equal(["2=three"], await NextAsync(follower));
        await _etcd.PutAsync("a/3", "four", cancellationToken: Cancel);
        Assert.Equal(["2=three", "3=four"], await NextAsync(follower));
    }

    [Fact]
    public async Task Of_several_addresses_one_that_answers_is_enough()
    {
        using var etcd = new EtcdClient([new Uri("http://127.0.0.1:9"), new Uri(_server.Url)]);

        await etcd.PutAsync("key", "value", cancellationToken: Cancel);

        Assert.Equal("value", (await etcd.GetAsync("key", Cancel))!.Value);
    }

    [Fact]
    public async Task Without_etcd_a_call_fails_with_words()
    {
        await _server.KillAsync();

        var away = await Assert.ThrowsAsync<EtcdException>(() => _etcd.GetAsync("key", Cancel));

        Assert.StartsWith("etcd does not answer", away.Message, StringComparison.Ordinal);
    }

    private EtcdFollower Follow() => new(_etcd, "a/", TimeProvider.System, NullLogger.Instance);

    private static async Task<string[]> NextAsync(EtcdFollower follower)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        ImmutableDictionary<string, EtcdEntry> state = await follower.NextAsync(deadline.Token);
        return [.. state.Select(entry => $"{entry.Key}={entry.Value.Value}").Order(StringComparer.Ordinal)];
    }

    private async Task CompactAsync(long revision)
    {
        using var http = new HttpClient { BaseAddress = new Uri(_server.Url) };
        using var answer = await http.PostAsJsonAsync("v3/kv/compaction", new { revision, physical = true }, Cancel);
        Assert.True(answer.IsSuccessStatusCode, Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(Cancel)));
    }
}
