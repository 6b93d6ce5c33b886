using NearbyFriends.TestServers;

namespace NearbyFriends.BrowserTests;

/// <summary>One system for the tests of all classes that take nothing of it away; each test has users of its own.</summary>
[CollectionDefinition]
public sealed class SharedSystemTests : ICollectionFixture<SharedSystem>;

/// <summary>The system of <see cref="SharedSystemTests"/>.</summary>
public sealed class SharedSystem(Servers servers, Browser browser) : IAsyncLifetime
{
    private LiveSystem? _system;

    internal LiveSystem System => _system!;

    public async ValueTask InitializeAsync()
    {
        if (Browser.Missing is null)
        {
            _system = await LiveSystem.StartAsync(servers);
            await browser.NeedAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }
    }
}
