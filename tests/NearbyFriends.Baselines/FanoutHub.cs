using Microsoft.AspNetCore.SignalR;
using NearbyFriends.LoadGenerator;

namespace NearbyFriends.Baselines;

/// <summary>
/// What a .NET team would otherwise build: a SignalR hub with one group for each user, which the friends join. It leaves
/// the distance to the client, and has no cache, no history and no second server.
/// </summary>
internal sealed class FanoutHub(LoadPopulation people) : Hub
{
    private int User => int.Parse(Context.GetHttpContext()!.Request.Query["user"].ToString());

    public override async Task OnConnectedAsync()
    {
        Context.Items["user"] = User;
        foreach (var friend in people.NeighboursOf(User))
            await Groups.AddToGroupAsync(Context.ConnectionId, $"user-{friend}");
    }

    /// <summary>A location of the caller: told to the group of its friends.</summary>
    public Task Move(double lat, double lon, long time)
    {
        var user = (int)Context.Items["user"]!;
        return Clients.Group($"user-{user}").SendAsync("moved", new Moved($"{LoadPopulation.IdOf(user)}", lat, lon, time));
    }

    internal sealed record Moved(string Id, double Lat, double Lon, long Time);
}
