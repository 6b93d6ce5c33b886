using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace NearbyFriends.Client.Connection;

/// <summary>One timer a clock, not one a client: calls everyone who joined once a second.</summary>
internal sealed class Pulse
{
    private static readonly ConditionalWeakTable<TimeProvider, Pulse> Pulses = [];

    private readonly ConcurrentDictionary<Action, bool> _members = new();
    private readonly ITimer _timer;

    private Pulse(TimeProvider clock) =>
        _timer = clock.CreateTimer(static state => ((Pulse)state!).Beat(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    public static Pulse Of(TimeProvider clock) => Pulses.GetValue(clock, static clock => new Pulse(clock));

    /// <summary>From now on calls this once a second; it must not block.</summary>
    public void Join(Action member) => _members.TryAdd(member, true);

    public void Leave(Action member) => _members.TryRemove(member, out _);

    private void Beat()
    {
        // Enumerating the dictionary takes no lock.
        foreach (var (member, _) in _members)
        {
            member();
        }

        GC.KeepAlive(_timer);
    }
}
