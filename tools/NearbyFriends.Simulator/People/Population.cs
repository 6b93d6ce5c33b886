using System.Collections.Concurrent;
using System.Net;
using NearbyFriends.Client.Rest;

namespace NearbyFriends.Simulator.People;

/// <summary>Brings users and friendships about through the REST API; what is there already is left as it is.</summary>
public sealed class Population(NearbyApi api)
{
    private const int AtOnce = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private int _done;

    /// <summary>How much of the present step is done, for a progress display.</summary>
    public int Done => _done;

    /// <summary>Creates the users that are not there, and proves to be each of them.</summary>
    /// <exception cref="NearbyApiException">The API is not in Development, or refuses.</exception>
    public async Task<Person[]> RegisterAsync(IReadOnlyList<(string UserName, string DisplayName)> names, CancellationToken cancellationToken)
    {
        _done = 0;
        var people = names.Select(name => new Person(api, name.UserName)).ToArray();
        await ForEachAsync(people.Length, async (i, token) =>
        {
            var person = people[i];
            try
            {
                person.Id = (await api.CreateUserAsync(names[i].UserName, names[i].DisplayName, token)).Id;
            }
            catch (NearbyApiException e) when (e.Status == HttpStatusCode.Conflict)
            {
                person.Existed = true;
                person.Id = (await person.Api.MeAsync(token)).Id;
            }
        }, cancellationToken);
        return people;
    }

    /// <summary>Makes friends of these pairs: both ask, and crossing requests are accepted.</summary>
    public async Task BefriendAsync(Person[] people, IReadOnlyList<(int A, int B)> pairs, CancellationToken cancellationToken)
    {
        _done = 0;
        var friends = await FriendsAsync(people, cancellationToken);
        _done = 0;
        await ForEachAsync(pairs.Count, async (i, token) =>
        {
            var (a, b) = (people[pairs[i].A], people[pairs[i].B]);
            if (!friends.Contains((a.Id, b.Id)))
            {
                await RequestAsync(a, b, token);
                await RequestAsync(b, a, token);
            }
        }, cancellationToken);
    }

    /// <summary>Friendships that people of earlier runs have already.</summary>
    private static async Task<HashSet<(long, long)>> FriendsAsync(Person[] people, CancellationToken cancellationToken)
    {
        var friends = new ConcurrentBag<(long, long)>();
        var earlier = people.Where(person => person.Existed).ToList();
        await Parallel.ForEachAsync(earlier, Options(cancellationToken), async (person, token) =>
        {
            string? cursor = null;
            do
            {
                var page = await person.Api.FriendsAsync(cursor: cursor, cancellationToken: token);
                foreach (var friend in page.Items)
                {
                    friends.Add((person.Id, friend.Id));
                }

                cursor = page.Cursor;
            }
            while (cursor is not null);
        });
        return [.. friends];
    }

    private static async Task RequestAsync(Person from, Person to, CancellationToken cancellationToken)
    {
        try
        {
            await from.Api.RequestFriendAsync(to.Id, cancellationToken);
        }
        catch (NearbyApiException e) when (e is { Status: HttpStatusCode.Conflict, Code: not "friend-limit" })
        {
            // Friends already.
        }
    }

    private Task ForEachAsync(int count, Func<int, CancellationToken, Task> step, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(Enumerable.Range(0, count), Options(cancellationToken), async (i, token) =>
        {
            await RetryAsync(() => step(i, token), token);
            Interlocked.Increment(ref _done);
        });

    /// <summary>A service that starts, restarts or is asked too much is asked again; every step here may be repeated.</summary>
    private static async Task RetryAsync(Func<Task> step, CancellationToken cancellationToken)
    {
        var since = DateTimeOffset.UtcNow;
        for (var delay = TimeSpan.FromMilliseconds(100); ; delay *= 2)
        {
            try
            {
                await step();
                return;
            }
            catch (Exception e) when (IsPassing(e) && DateTimeOffset.UtcNow - since < Patience)
            {
                var pause = (e as NearbyApiException)?.RetryAfter ?? (delay < TimeSpan.FromSeconds(5) ? delay : TimeSpan.FromSeconds(5));
                await Task.Delay(pause, cancellationToken);
            }
        }
    }

    private static bool IsPassing(Exception e) => e switch
    {
        HttpRequestException => true,
        TaskCanceledException { InnerException: TimeoutException } => true, // the client's own patience with one call
        NearbyApiException { Status: HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError } => true,
        _ => false,
    };

    private static ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
}
