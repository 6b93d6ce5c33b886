using NearbyFriends.TestServers;

namespace NearbyFriends.BrowserTests;

public sealed class InactivityTests(Servers servers, Browser browser)
{
    [Fact]
    public async Task A_friend_who_falls_silent_fades_out_and_comes_back_with_the_next_location()
    {
        await browser.NeedAsync();
        await using var system = await LiveSystem.StartAsync(servers, ("Presence:InactiveAfter", "00:00:10"));
        var ada = await system.NewUserAsync("Ada");
        var friends = await system.NewFriendsAsync(ada, 1, _ => (37.79, -122.41));
        await using var page = await MapPage.OpenAsync(browser, system, ada);
        await page.MoveMeAsync();
        await MovesUntilSeenAsync(37.79);

        await page.SeesNoMoreAsync(friends[0]);
        Assert.Empty(await page.MarkersAsync());

        await MovesUntilSeenAsync(37.791);
        Assert.Empty(page.AllErrors);

        // Once might be forgotten again before a busy machine has looked.
        Task MovesUntilSeenAsync(double latitude) => Eventually.True(
            async () =>
            {
                await friends[0].MoveAsync(latitude, -122.41);
                return await page.Friend(friends[0]).IsVisibleAsync();
            },
            "the friend is seen");
    }
}
