using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using NearbyFriends.LoadGenerator;
using StackExchange.Redis;

namespace NearbyFriends.Baselines;

/// <summary>
/// What a .NET team would otherwise build, as the documentation of SignalR shows it: a group for each user, which the friends join;
/// the Redis backplane; the last location of each user in Redis, for the first list. The distance is left to the client, and there
/// are no friendships to look up, no consent and no history.
/// </summary>
internal sealed class FanoutHub(LoadPopulation people, IConnectionMultiplexer redis) : Hub
{
    private static readonly TimeSpan InactiveAfter = TimeSpan.FromMinutes(10);

    private int User => int.Parse(Context.GetHttpContext()!.Request.Query["user"].ToString());

    public override async Task OnConnectedAsync()
    {
        Context.Items["user"] = User;
        var friends = people.FriendsOf(User);
        await Task.WhenAll(friends.Select(friend => Groups.AddToGroupAsync(Context.ConnectionId, $"user-{friend}")));
        var locations = await redis.GetDatabase().StringGetAsync([.. friends.Select(Key)]);
        await Clients.Caller.SendAsync(
            "nearby", locations.Where(location => location.HasValue).Select(location => JsonSerializer.Deserialize<Location>((byte[])location!)));
    }

    /// <summary>A location of the caller: kept, and sent to the group of its friends.</summary>
    public async Task Move(double lat, double lon, long time)
    {
        var id = LoadPopulation.IdOf((int)Context.Items["user"]!);
        var location = new Location($"{id}", lat, lon, time);
        await redis.GetDatabase().StringSetAsync(Key(id), JsonSerializer.SerializeToUtf8Bytes(location), InactiveAfter);
        await Clients.Group($"user-{id}").SendAsync("moved", location);
    }

    private static RedisKey Key(long user) => $"location:{user}";

    internal sealed record Location(string Id, double Lat, double Lon, long Time);
}
