namespace NearbyFriends.UnitTests.Sessions;

/// <summary>How often a session is told of friends who move all the time.</summary>
public sealed class PaceTests
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(7); // no tick comes at its very time

    private readonly LoneGateway _gateway = new();
    private readonly RecordingClient _client = new();

    [Fact]
    public void Flushes_that_are_late_within_a_tick_do_not_put_off_the_next_ones()
    {
        var session = _gateway.Open(1, [2], _client);
        _gateway.Move(1, 37.77, -122.42);
        session.OpenList(null);
        _gateway.Move(2, 37.77, -122.42);
        var told = _client.Received.Count;
        for (var time = TimeSpan.Zero; time < 50 * Pace; time += Step)
        {
            _gateway.Advance(Step);
            _gateway.Move(2, 37.77 + (time.TotalSeconds / 1e5), -122.42);
        }

        Assert.InRange(_client.Received.Count - told, 49, 50);
    }
}
