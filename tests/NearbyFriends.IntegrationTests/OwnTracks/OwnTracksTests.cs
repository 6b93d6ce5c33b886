using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using NearbyFriends.Gateway.OwnTracks;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.OwnTracks;

/// <summary>People with the OwnTracks app, who share and see friends by nothing but its requests.</summary>
public sealed class OwnTracksTests(Servers servers) : IDisposable
{
    private const double Latitude = 48.85833;
    private const double Longitude = 2.29513;

    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Two_people_with_the_app_see_each_other_and_a_friend_with_another_client_sees_both()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:Flush", "00:00:00"), ("Gateway:UpdateBurst", "2"), ("Gateway:UpdatesPerSecond", "20"));
        var people = await system.NewCircleAsync("Ada", "Bo", "Cy");
        var (a, b, c) = (people[0], people[1], people[2]);
        var (ada, bo) = (await AddPhoneAsync(a), await AddPhoneAsync(b, gateway: 1));
        await using var watcher = await c.ConnectAsync();
        await watcher.LocateAsync(Latitude, Longitude);
        await watcher.ExpectAsync("nearby");

        // Each of the apps' messages is answered; only a location shares one.
        Assert.Empty(await PostAsync(ada, """{"_type":"status","android":{"hib":1}}"""));
        Assert.Empty(await PostAsync(ada, """{"_type":"waypoints","waypoints":[]}"""));
        Assert.Empty(await PostAsync(ada, ""));
        var seen = await PostAsync(ada, Location(Now, "\"acc\":12,\"batt\":74,\"t\":\"u\",\"tid\":\"AD\""));
        Assert.Equal(["Cy"], NamesOf(seen));

        var moved = await watcher.ExpectMovedAsync(a);
        Assert.Equal((Latitude, Longitude, 12), (moved.GetProperty("lat").GetDouble(), moved.GetProperty("lon").GetDouble(), moved.GetProperty("accuracy").GetInt32()));
        seen = await PostAsync(bo, Location(Now, "\"acc\":4,\"batt\":-1,\"t\":\"p\""));
        Assert.Equal(["Ada", "Cy"], NamesOf(seen).Order());
        var place = seen.Single(message => TypeOf(message) == "location" && message.TryGetProperty("acc", out _));
        Assert.Equal((Latitude, Longitude, 12), (place.GetProperty("lat").GetDouble(), place.GetProperty("lon").GetDouble(), place.GetProperty("acc").GetInt32()));
        Assert.InRange(place.GetProperty("tst").GetInt64(), Now - 60, Now);
        var card = seen.Single(message => TypeOf(message) == "card" && message.GetProperty("tid").ValueEquals(place.GetProperty("tid").GetString()));
        Assert.Equal("Ada", card.GetProperty("name").GetString());

        // A dead zone: a message each half minute, all of them as soon as there is a network. None is refused, the newest counts.
        await watcher.ExpectMovedAsync(b);
        for (var missed = 20; missed > 0; missed--)
        {
            Assert.Equal(2, NamesOf(await PostAsync(bo, Location(Now - (30 * missed)))).Count());
        }

        Assert.Equal(2, NamesOf(await PostAsync(bo, $"[{Location(Now - 90)},{Location(Now - 60)}]")).Count());

        // What is wrong for good is dropped and answered like the rest, or the app would send it for ever.
        Assert.Equal(2, NamesOf(await PostAsync(bo, Location(Now + 7_200))).Count());
        Assert.Equal(2, NamesOf(await PostAsync(bo, """{"_type":"location","lat":999,"lon":0,"tst":1764000000}""")).Count());

        // Consent is that of any other way.
        await a.SendAsync(HttpMethod.Put, $"v1/friends/{b.Id}/visibility", new { shows = "approximate" });
        await c.SendAsync(HttpMethod.Put, $"v1/friends/{b.Id}/visibility", new { shows = "nothing" });
        seen = await PostAsync(bo, Location(Now));
        Assert.Equal(["Ada"], NamesOf(seen));
        Assert.NotEqual(Latitude, seen[0].GetProperty("lat").GetDouble());
        await a.ShareAsync(false);
        await Eventually.True(async () => (await PostAsync(bo, Location(Now))).Length == 0, "who hides is not shown");
        Assert.Empty(await PostAsync(ada, Location(Now)));
        Assert.Equal(0, (await a.SendAsync(HttpMethod.Get, "v1/nearby")).GetProperty("total").GetInt32());

        // The password opens nothing else, and is worth nothing once the device is taken away.
        using (var refused = await SendAsync(ada with { Address = new Uri(system.Gateways[0], "v1/location") }, Location(Now)))
        {
            Assert.Equal(401, (int)refused.StatusCode);
        }

        await b.SendAsync(HttpMethod.Delete, $"v1/me/devices/{bo.Id}");
        using var gone = await SendAsync(bo, Location(Now));
        Assert.Equal((401, "Basic"), ((int)gone.StatusCode, gone.Headers.WwwAuthenticate.Single().Scheme));
        for (var i = 1; i < DeviceLogins.WrongPerUser; i++)
        {
            (await SendAsync(bo, "")).Dispose();
        }

        using var limited = await SendAsync(bo, "");
        Assert.Equal(429, (int)limited.StatusCode);
        Assert.Empty(await PostAsync(ada with { Address = bo.Address }, Location(Now))); // from the same address
    }

    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private static string Location(long time, string more = "\"acc\":5") =>
        FormattableString.Invariant($$"""{"_type":"location","lat":{{Latitude}},"lon":{{Longitude}},"tst":{{time}},{{more}}}""");

    private static async Task<Phone> AddPhoneAsync(TestUser user, int gateway = 0)
    {
        var device = await user.SendAsync(HttpMethod.Post, "v1/me/devices", new { name = "Phone" });
        var credentials = $"{device.GetProperty("userName").GetString()}:{device.GetProperty("password").GetString()}";
        return new(new Uri(user.System.Gateways[gateway], "owntracks"), device.GetProperty("id").GetString()!, Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
    }

    private async Task<JsonElement[]> PostAsync(Phone phone, string message)
    {
        using var answer = await SendAsync(phone, message);
        Assert.Equal((200, "application/json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        return [.. JsonElement.Parse(await answer.Content.ReadAsStringAsync()).EnumerateArray()];
    }

    private async Task<HttpResponseMessage> SendAsync(Phone phone, string message)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, phone.Address) { Content = new StringContent(message, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", phone.Credentials);
        request.Headers.Add("X-Limit-U", "jane"); // as the apps do
        request.Headers.Add("X-Limit-D", "phone");
        return await _http.SendAsync(request);
    }

    private static IEnumerable<string> NamesOf(IEnumerable<JsonElement> messages) =>
        messages.Where(message => TypeOf(message) == "card").Select(card => card.GetProperty("name").GetString()!);

    private static string TypeOf(JsonElement message) => message.GetProperty("_type").GetString()!;

    private sealed record Phone(Uri Address, string Id, string Credentials);
}
