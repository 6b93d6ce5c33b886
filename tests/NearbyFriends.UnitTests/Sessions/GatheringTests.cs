using Microsoft.Extensions.Time.Testing;
using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.UnitTests.Sessions;

public sealed class GatheringTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    private readonly FakeTimeProvider _clock = new();
    private readonly List<IReadOnlyList<int>> _batches = [];
    private readonly TaskCompletionSource[] _answers = [new(), new(), new()]; // of the first batches; later ones are answered at once

    [Fact]
    public async Task A_lone_request_is_answered_at_once_and_alone()
    {
        var gathering = Gather(batchesAtOnce: 1);

        var answer = gathering.AskAsync(7);

        _answers[0].SetResult();
        Assert.Equal("7", await answer);
        Assert.Equal([[7]], _batches);
    }

    [Fact]
    public async Task What_comes_while_batches_are_under_way_is_answered_together_and_in_order()
    {
        var gathering = Gather(batchesAtOnce: 2);

        var answers = Enumerable.Range(1, 5).Select(gathering.AskAsync).ToArray();

        Assert.Equal([[1], [2]], _batches);
        _answers[1].SetResult();
        await answers[1];
        _answers[0].SetResult();
        _answers[2].SetResult();
        Assert.Equal(["1", "2", "3", "4", "5"], await Task.WhenAll(answers));
        Assert.Equal([[1], [2], [3, 4, 5]], _batches);
    }

    [Fact]
    public async Task A_batch_has_a_largest_size()
    {
        var gathering = Gather(batchesAtOnce: 1, largestBatch: 2);
        var answers = Enumerable.Range(1, 4).Select(gathering.AskAsync).ToArray();

        Array.ForEach(_answers, answer => answer.SetResult());

        await Task.WhenAll(answers);
        Assert.Equal([[1], [2, 3], [4]], _batches);
    }

    [Fact]
    public async Task A_batch_that_fails_fails_its_requests_and_no_other()
    {
        var gathering = Gather(batchesAtOnce: 1);
        var (first, second, third) = (gathering.AskAsync(1), gathering.AskAsync(2), gathering.AskAsync(3));

        _answers[0].SetResult();
        _answers[1].SetException(new IOException());

        Assert.Equal("1", await first);
        await Assert.ThrowsAsync<IOException>(() => second);
        await Assert.ThrowsAsync<IOException>(() => third);
        var later = gathering.AskAsync(4);
        _answers[2].SetResult();

        Assert.Equal("4", await later);
    }

    [Fact]
    public async Task Who_comes_soon_after_another_waits_a_moment_for_more()
    {
        var gathering = Gather(batchesAtOnce: 2, patience: Moment);
        Array.ForEach(_answers, answer => answer.SetResult());
        await gathering.AskAsync(1);

        _clock.Advance(0.9 * Moment);
        var second = gathering.AskAsync(2);
        _clock.Advance(0.9 * Moment);
        var third = gathering.AskAsync(3);
        Assert.Equal([[1]], _batches);
        _clock.Advance(0.1 * Moment);
        await Task.WhenAll(second, third);

        _clock.Advance(Moment);
        await gathering.AskAsync(4);
        Assert.Equal([[1], [2, 3], [4]], _batches);
    }

    [Fact]
    public async Task Once_there_are_enough_nobody_waits()
    {
        var gathering = Gather(batchesAtOnce: 2, patience: Moment);
        Array.ForEach(_answers, answer => answer.SetResult());
        await gathering.AskAsync(0);

        await Task.WhenAll(Enumerable.Range(1, 8).Select(gathering.AskAsync));

        Assert.Equal([1, 8], _batches.Select(batch => batch.Count));
    }

    [Fact]
    public async Task A_gathering_that_ended_early_does_not_end_the_next_one()
    {
        var gathering = Gather(batchesAtOnce: 2, patience: Moment);
        Array.ForEach(_answers, answer => answer.SetResult());
        await gathering.AskAsync(0);
        await Task.WhenAll(Enumerable.Range(1, 8).Select(gathering.AskAsync));

        _clock.Advance(0.9 * Moment);
        var next = gathering.AskAsync(9);
        _clock.Advance(0.5 * Moment);
        Assert.Equal(2, _batches.Count);

        _clock.Advance(0.5 * Moment);
        Assert.Equal("9", await next);
    }

    [Fact]
    public async Task A_batch_that_ends_leaves_those_who_gather_to_their_time()
    {
        var gathering = Gather(batchesAtOnce: 2, patience: Moment);
        var first = gathering.AskAsync(1);
        var second = gathering.AskAsync(2);

        _answers[0].SetResult();
        await first;
        Assert.Equal([[1]], _batches);

        _answers[1].SetResult();
        _clock.Advance(Moment);
        Assert.Equal("2", await second);
    }

    private Gathering<int, string> Gather(int batchesAtOnce, int largestBatch = 100, TimeSpan patience = default) => new(
        async requests =>
        {
            _batches.Add(requests);
            await (_batches.Count <= _answers.Length ? _answers[_batches.Count - 1].Task : Task.CompletedTask);
            return [.. requests.Select(request => $"{request}")];
        },
        batchesAtOnce, largestBatch, _clock)
    {
        Patience = patience,
        Enough = 8,
    };
}
