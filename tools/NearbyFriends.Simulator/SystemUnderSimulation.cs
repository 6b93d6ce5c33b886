using NearbyFriends.Client;
using NearbyFriends.Client.Connection;
using NearbyFriends.Client.Rest;
using NearbyFriends.Simulator.People;
using NearbyFriends.Tools;

namespace NearbyFriends.Simulator;

/// <summary>The system as its users reach it: API and gateways.</summary>
public sealed class SystemUnderSimulation : IDisposable
{
    private const int ConnectAtOnce = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http;
    private readonly Endpoints _endpoints;

    public SystemUnderSimulation(Endpoints endpoints)
    {
        _endpoints = endpoints;
        _http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), UseCookies = false })
        {
            BaseAddress = endpoints.Api,
        };
    }

    /// <summary>Returns once API and gateways say that they are ready.</summary>
    /// <exception cref="TimeoutException">They did not within 5 minutes.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        foreach (var address in _endpoints.Gateways.Prepend(_endpoints.Api))
        {
            var since = DateTimeOffset.UtcNow;
            for (var delay = TimeSpan.FromMilliseconds(200); !await IsReadyAsync(address, cancellationToken); delay *= 1.5)
            {
                if (DateTimeOffset.UtcNow - since > Patience)
                {
                    throw new TimeoutException($"{address} did not become ready within {Patience.TotalMinutes:0} minutes.");
                }

                await Task.Delay(delay < TimeSpan.FromSeconds(5) ? delay : TimeSpan.FromSeconds(5), cancellationToken);
            }
        }
    }

    /// <summary>Sees to it that these users exist.</summary>
    public async Task<Person[]> RegisterAsync(
        ProgressLine progress, IReadOnlyList<(string UserName, string DisplayName)> names, CancellationToken cancellationToken)
    {
        var population = new Population(new NearbyApi(_http));
        return await progress.ShowAsync(
            $"Registering {names.Count} users", () => $"{population.Done} of {names.Count}", population.RegisterAsync(names, cancellationToken));
    }

    /// <summary>Sees to it that strangers nearby may see these users.</summary>
    public static Task ShowToStrangersAsync(IEnumerable<Person> people, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            people, new ParallelOptions { MaxDegreeOfParallelism = ConnectAtOnce, CancellationToken = cancellationToken },
            async (person, token) => await person.Api.ChangeMeAsync(new(Strangers: true), token));

    /// <summary>Sees to it that these friendships exist.</summary>
    public Task BefriendAsync(Person[] people, IReadOnlyList<(int A, int B)> friends, CancellationToken cancellationToken) =>
        new Population(new NearbyApi(_http)).BefriendAsync(people, friends, cancellationToken);

    /// <summary>Sees to it that these users and friendships exist.</summary>
    public async Task<Person[]> PopulateAsync(
        ProgressLine progress, IReadOnlyList<(string UserName, string DisplayName)> names, IReadOnlyList<(int A, int B)> friends,
        CancellationToken cancellationToken)
    {
        var people = await RegisterAsync(progress, names, cancellationToken);
        var population = new Population(new NearbyApi(_http));
        await progress.ShowAsync(
            $"Making {friends.Count} friendships", () => $"{population.Done} of {friends.Count}",
            population.BefriendAsync(people, friends, cancellationToken));
        return people;
    }

    /// <summary>A client of this person, at the gateway whose turn it is; not connected yet.</summary>
    public NearbyClient ClientOf(Person person, int number, TimeSpan? flush = null) => new(OptionsOf(person, number) with { Flush = flush });

    /// <summary>A client that connects through this invoker, as soon as it can after it could not.</summary>
    public NearbyClient ClientOf(Person person, int number, HttpMessageInvoker invoker) => new(OptionsOf(person, number) with
    {
        Invoker = invoker,
        BackoffMax = TimeSpan.FromSeconds(2),
    });

    private NearbyClientOptions OptionsOf(Person person, int number) => new()
    {
        Gateway = _endpoints.Gateways[number % _endpoints.Gateways.Count],
        AccessToken = person.TokenAsync,
        KeepAlive = Timeout.InfiniteTimeSpan, // gateways ping, and a timer each would be most of what a client costs
        ScreenInterval = null, // nobody looks at these screens
    };

    /// <summary>Connects clients, so many at once that a gateway is kept busy but not flooded.</summary>
    public static Task ConnectAsync(IEnumerable<NearbyClient> clients, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            clients, new ParallelOptions { MaxDegreeOfParallelism = ConnectAtOnce, CancellationToken = cancellationToken },
            async (client, token) => await client.ConnectAsync(token));

    public void Dispose() => _http.Dispose();

    private async Task<bool> IsReadyAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(address, "health"), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
