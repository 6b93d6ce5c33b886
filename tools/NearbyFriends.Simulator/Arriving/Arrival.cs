using System.Collections.Concurrent;
using NearbyFriends.Client;
using NearbyFriends.Client.Rest;
using NearbyFriends.Simulator.Walking;

namespace NearbyFriends.Simulator.Arriving;

/// <summary>Somebody who comes while the system is still starting, and waits until there is something to see.</summary>
internal static class Arrival
{
    // Where the map page puts its visitor, too.
    private static readonly Spot Place = Spot.UnionSquare;

    /// <summary>Returns how many friends are nearby when the first of them is seen at another place than before.</summary>
    /// <exception cref="TimeoutException">None moved within <paramref name="patience"/>.</exception>
    public static async Task<int> UntilAFriendMovesAsync(Endpoints endpoints, string userName, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = endpoints.Api };
        var api = new NearbyApi(http);
        await using var client = new NearbyClient(new()
        {
            Gateway = endpoints.Gateways[0],
            // Until the user exists there is no token, and the client tries again.
            AccessToken = async (_, token) => (await api.DevTokenAsync(userName, token)).Token,
            BackoffMax = TimeSpan.FromSeconds(1),
            Flush = TimeSpan.FromSeconds(0.5),
        });
        var moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var places = new ConcurrentDictionary<long, (double, double)>();
        client.ListChanged += (_, _) =>
        {
            foreach (var friend in client.List.Friends)
            {
                var place = (friend.Latitude, friend.Longitude);
                if (places.GetOrAdd(friend.Id, place) != place)
                {
                    moved.TrySetResult();
                }
            }
        };

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            await client.ConnectAsync(deadline.Token);
            await client.SendAsync(new(Place.Latitude, Place.Longitude, client.Now), deadline.Token);
            await moved.Task.WaitAsync(deadline.Token);
            return client.List.Total;
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No friend of '{userName}' moved within {patience.TotalSeconds:0} s.", late);
        }
    }
}
