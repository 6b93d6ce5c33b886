using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;
using StackExchange.Redis;

namespace NearbyFriends.Fanout.Ring;

/// <summary>Probes from one process which pub/sub servers answer: a ping to each, six times in <c>Fanout:DeadAfter</c>.</summary>
/// <remarks>
/// A server is silent when it has not answered for <c>Fanout:DeadAfter</c> and a new connection fails too: the permanent one
/// may be waiting before its next attempt. A pause of this process does not count as silence: silence begins with a failed
/// ping, and every later ping must have failed too.
/// </remarks>
public sealed class ServerProbes(PubSubServers servers, IOptions<FanoutOptions> options, TimeProvider clock)
{
    private readonly Dictionary<string, Probe> _probes = new(StringComparer.Ordinal);

    /// <summary>The time between two rounds.</summary>
    public TimeSpan Every => options.Value.DeadAfter / 6;

    /// <summary>Pings all of these servers once.</summary>
    public async Task RoundAsync(IReadOnlyCollection<string> names)
    {
        foreach (var gone in _probes.Keys.Except(names).ToList())
        {
            _probes.Remove(gone);
        }

        await Task.WhenAll(names.Where(servers.IsConfigured).Select(name => PingAsync(name, GetProbe(name))));
    }

    /// <summary>Whether the server answered the last ping.</summary>
    public bool Answers(string name) => _probes.TryGetValue(name, out var probe) && probe.Answered;

    /// <summary>Whether the server has answered all pings for <c>Fanout:DeadAfter</c>.</summary>
    public bool IsBack(string name) =>
        _probes.TryGetValue(name, out var probe) && probe.Answered && clock.GetElapsedTime(probe.Since) >= options.Value.DeadAfter;

    /// <summary>Whether the server counts as dead.</summary>
    public async Task<bool> IsSilentAsync(string name)
    {
        if (!_probes.TryGetValue(name, out var probe) || probe.Answered || clock.GetElapsedTime(probe.Since) < options.Value.DeadAfter)
        {
            return false;
        }

        if (!await servers.AnswersAsync(name, Every * 2))
        {
            return true;
        }

        probe.Set(answered: true, clock.GetTimestamp());
        return false;
    }

    private Probe GetProbe(string name)
    {
        if (!_probes.TryGetValue(name, out var probe))
        {
            _probes.Add(name, probe = new Probe(clock.GetTimestamp()));
        }

        return probe;
    }

    private async Task PingAsync(string name, Probe probe)
    {
        try
        {
            await servers.Connection(name).GetDatabase().PingAsync().WaitAsync(Every * 2, clock);
            probe.Set(answered: true, clock.GetTimestamp());
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            probe.Set(answered: false, clock.GetTimestamp());
        }
    }

    /// <summary>The result of the last ping, and since when it is the same.</summary>
    private sealed class Probe(long since)
    {
        public bool Answered { get; private set; }

        public long Since { get; private set; } = since;

        public void Set(bool answered, long now)
        {
            if (answered != Answered)
            {
                (Answered, Since) = (answered, now);
            }
        }
    }
}
