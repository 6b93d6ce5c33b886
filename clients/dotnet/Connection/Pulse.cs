using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace NearbyFriends.Client.Connection;

/// <summary>One timer a clock, not one a client: calls everyone who joined once a second.</summary>
internal sealed class Pulse
{
    private static readonly ConditionalWeakTable<TimeProvider, Pulse> s_pulses = [];

    private readonly ConcurrentDictionary<NearbyClient, bool> _members = new();
    private readonly ITimer _timer;

    private Pulse(TimeProvider clock) =>
        _timer = clock.CreateTimer(static state => ((Pulse)state!).Beat(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    public static Pulse Of(TimeProvider clock) => s_pulses.GetValue(clock, static clock => new Pulse(clock));

    public void Join(NearbyClient client) => _members.TryAdd(client, true);

    public void Leave(NearbyClient client) => _members.TryRemove(client, out _);

    private void Beat()
    {
        // Enumerating the dictionary takes no lock.
        foreach (var (client, _) in _members)
        {
            client.OnPulse();
        }

        GC.KeepAlive(_timer);
    }
}
