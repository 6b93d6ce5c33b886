namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// Answers requests together where they come fast: one that comes soon after another waits a moment for more, and those that come while
/// enough batches are under way wait for the next, which takes all that wait.
/// </summary>
/// <remarks>
/// A request that comes alone is answered at once, so gathering costs it nothing; under load batches grow by themselves until they keep
/// up. Batches start in the order of their requests. One that fails, fails its requests and no other.
/// </remarks>
/// <param name="answer">Answers a batch, in the order of its requests.</param>
/// <param name="batchesAtOnce">Batches under way at the same time; 1 or more.</param>
/// <param name="largestBatch">Requests of one batch; 1 or more.</param>
/// <param name="clock">By which requests wait for others.</param>
public sealed class Gathering<TRequest, TAnswer>(
    Func<IReadOnlyList<TRequest>, Task<TAnswer[]>> answer, int batchesAtOnce, int largestBatch, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Queue<(TRequest Request, TaskCompletionSource<TAnswer> Answer)> _waiting = [];
    private int _underWay;
    private bool _isGathering; // only while one more batch may begin
    private int _gatherings;
    private long? _lastAsked;

    /// <summary>How long a request waits for others at most, if it comes no later than that after another; zero: not at all.</summary>
    public TimeSpan Patience { get; init; }

    /// <summary>So many requests wait for no more.</summary>
    public int Enough { get; init; } = int.MaxValue;

    /// <summary>The answer to a request, when its batch has been answered; fails as its batch does.</summary>
    public Task<TAnswer> AskAsync(TRequest request)
    {
        var asked = new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            var isAlone = _lastAsked is not { } before || clock.GetElapsedTime(before) >= Patience;
            _lastAsked = clock.GetTimestamp();
            _waiting.Enqueue((request, asked));
            if (_underWay == batchesAtOnce)
            {
                return asked.Task;
            }

            if (!isAlone && _waiting.Count < Enough)
            {
                if (!_isGathering)
                {
                    _isGathering = true;
                    _ = GatherAsync(++_gatherings);
                }

                return asked.Task;
            }

            _isGathering = false;
            _underWay++;
        }

        _ = AnswerAllAsync();
        return asked.Task;
    }

    private async Task GatherAsync(int number)
    {
        await Task.Delay(Patience, clock);
        lock (_gate)
        {
            if (!_isGathering || _gatherings != number)
            {
                return; // there were enough before; another may have begun since
            }

            _isGathering = false;
            _underWay++;
        }

        await AnswerAllAsync();
    }

    private async Task AnswerAllAsync()
    {
        while (NextBatch() is { } batch)
        {
            try
            {
                var answers = await answer(Array.ConvertAll(batch, asked => asked.Request));
                for (var i = 0; i < batch.Length; i++)
                {
                    batch[i].Answer.SetResult(answers[i]);
                }
            }
            catch (Exception e)
            {
                foreach (var asked in batch)
                {
                    asked.Answer.TrySetException(e);
                }
            }
        }
    }

    private (TRequest Request, TaskCompletionSource<TAnswer> Answer)[]? NextBatch()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 || _isGathering)
            {
                _underWay--;
                return null;
            }

            var batch = new (TRequest, TaskCompletionSource<TAnswer>)[Math.Min(_waiting.Count, largestBatch)];
            for (var i = 0; i < batch.Length; i++)
            {
                batch[i] = _waiting.Dequeue();
            }

            return batch;
        }
    }
}
