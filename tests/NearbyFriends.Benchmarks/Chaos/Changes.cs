using System.Net;
using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.Client.Rest;

namespace NearbyFriends.Benchmarks.Chaos;

/// <summary>
/// Of every four users one hides and shares again and again, and two part and befriend each other. A call that failed is repeated
/// until it is answered, so that the model knows what holds: each has the same effect once or twice.
/// </summary>
internal sealed class Changes : IDisposable
{
    private static readonly TimeSpan LeastRest = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MostRest = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan BeforeRetry = TimeSpan.FromSeconds(0.5);

    // No time limit: a call that was given up could still take effect when a frozen Api goes on.
    private readonly HttpClient[] _apis;
    private readonly Crowd _crowd;
    private readonly ConsentModel _consent;
    private readonly int _seed;
    private int _count;

    public Changes(Crowd crowd, IReadOnlyList<Uri> apis, ConsentModel consent, int seed)
    {
        (_crowd, _consent, _seed) = (crowd, consent, seed);
        _apis = [.. apis.Select(api => new HttpClient { BaseAddress = api, Timeout = Timeout.InfiniteTimeSpan })];
    }

    /// <summary>Changes made.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Goes on until <paramref name="end"/>, and completes what was begun: that takes an Api and the database.</summary>
    public Task MakeAsync(CancellationToken end) => Task.WhenAll(Enumerable.Range(0, _crowd.Count / 4).SelectMany(four => new[]
    {
        AlternateAsync(4 * four, random => HideAsync(4 * four, random), random => ShareAsync(4 * four, random), _consent.Hidden(4 * four), end),
        AlternateAsync(
            (4 * four) + 1, random => PartAsync((4 * four) + 1, random), random => BefriendAsync((4 * four) + 1, (4 * four) + 2, random),
            _consent.Apart((4 * four) + 1, (4 * four) + 2), end),
    }));

    public void Dispose()
    {
        foreach (var api in _apis)
        {
            api.Dispose();
        }
    }

    private async Task AlternateAsync(int user, Func<Random, Task> revoke, Func<Random, Task> grant, Spans ended, CancellationToken end)
    {
        var random = new Random(_seed + user);
        while (true)
        {
            await Task.Delay(LeastRest + ((MostRest - LeastRest) * random.NextDouble()), end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (end.IsCancellationRequested)
            {
                return;
            }

            if (ended.Lasts)
            {
                ended.End(Now());
                await grant(random);
            }
            else
            {
                await revoke(random);
                ended.Begin(Now());
            }

            Interlocked.Increment(ref _count);
        }
    }

    private Task HideAsync(int user, Random random) => UntilDoneAsync(async () => await As(user, random).ChangeMeAsync(new(Sharing: false)));

    private Task ShareAsync(int user, Random random) => UntilDoneAsync(async () => await As(user, random).ChangeMeAsync(new(Sharing: true)));

    // Its friend is the next one.
    private Task PartAsync(int user, Random random) => UntilDoneAsync(() => As(user, random).RemoveFriendAsync(Crowd.IdOf(user + 1)));

    private Task BefriendAsync(int user, int friend, Random random) => UntilDoneAsync(async () =>
    {
        try
        {
            var request = await As(user, random).RequestFriendAsync(Crowd.IdOf(friend));
            await As(friend, random).AcceptAsync(request.Id);
        }
        catch (NearbyApiException e) when (e.Code == "friends-already")
        {
            // An acceptance whose answer was lost.
        }
    });

    private static async Task UntilDoneAsync(Func<Task> call)
    {
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (Exception e) when (e is HttpRequestException or NearbyApiException { Status: >= HttpStatusCode.InternalServerError or HttpStatusCode.NotFound })
            {
                await Task.Delay(BeforeRetry);
            }
        }
    }

    private NearbyApi As(int user, Random random) => new(_apis[random.Next(_apis.Length)], _ => ValueTask.FromResult(_crowd.TokenOf(user)));

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}
