namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// Answers requests together where they come faster than one after the other can be answered: those that come while enough
/// batches are under way wait, and the next batch takes all that wait.
/// </summary>
/// <remarks>
/// A request that finds nothing under way is answered at once and alone, so gathering costs it nothing; under load batches grow by
/// themselves until they keep up. Batches start in the order of their requests. One that fails, fails its requests and no other.
/// </remarks>
/// <param name="answer">Answers a batch, in the order of its requests.</param>
/// <param name="batchesAtOnce">Batches under way at the same time; 1 or more.</param>
/// <param name="largestBatch">Requests of one batch; 1 or more.</param>
public sealed class Gathering<TRequest, TAnswer>(Func<IReadOnlyList<TRequest>, Task<TAnswer[]>> answer, int batchesAtOnce, int largestBatch)
{
    private readonly Lock _gate = new();
    private readonly Queue<(TRequest Request, TaskCompletionSource<TAnswer> Answer)> _waiting = [];
    private int _underWay;

    /// <summary>The answer to a request, when its batch has been answered; fails as its batch does.</summary>
    public Task<TAnswer> AskAsync(TRequest request)
    {
        var asked = new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Enqueue((request, asked));
            if (_underWay == batchesAtOnce)
            {
                return asked.Task;
            }

            _underWay++;
        }

        _ = AnswerAllAsync();
        return asked.Task;
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
            if (_waiting.Count == 0)
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
