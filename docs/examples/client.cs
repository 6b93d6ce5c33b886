// Two friends meet. With the system running: dotnet run docs/examples/client.cs API_URL GATEWAY_URL
#:project ../../clients/dotnet/NearbyFriends.Client.csproj
#:property PublishAot=false
using NearbyFriends.Client;
using NearbyFriends.Client.Rest;

using var http = new HttpClient { BaseAddress = new Uri(args[0]) };
var api = new NearbyApi(http);
var ada = await api.CreateUserAsync($"ada-{Environment.ProcessId}", "Ada");
var bo = await api.CreateUserAsync($"bo-{Environment.ProcessId}", "Bo");

// Both ask, so both want it: they are friends at once.
await api.As(ct => TokenOf(ada, ct)).RequestFriendAsync(bo.Id);
await api.As(ct => TokenOf(bo, ct)).RequestFriendAsync(ada.Id);

await using var adasPhone = new NearbyClient(new() { Gateway = new Uri(args[1]), AccessToken = (_, ct) => TokenOf(ada, ct) });
await using var bosPhone = new NearbyClient(new() { Gateway = new Uri(args[1]), AccessToken = (_, ct) => TokenOf(bo, ct) });
await Task.WhenAll(adasPhone.ConnectAsync(), bosPhone.ConnectAsync());

adasPhone.FriendMoved += (_, moved) => Console.WriteLine($"{moved.Friend.Name} is {moved.Friend.Distance:0} m away");
await adasPhone.SendAsync(new(37.7749, -122.4194, adasPhone.Now));
for (var step = 10; step > 0; step--)
{
    await bosPhone.SendAsync(new(37.7749 + (step * 0.001), -122.4194, bosPhone.Now));
    await Task.Delay(1_000);
}

Console.WriteLine($"Nearby: {string.Join(", ", adasPhone.List.Friends.Select(friend => friend.Name))}");

async ValueTask<string> TokenOf(User user, CancellationToken cancellationToken) =>
    (await api.DevTokenAsync(user.UserName, cancellationToken)).Token;
