using System.Collections.Immutable;
using System.Text.Json;

namespace NearbyFriends.Fanout.Ring;

/// <summary>What all processes agree on about the ring: one key in etcd, changed only by compare-and-swap.</summary>
/// <param name="Epoch">Of <paramref name="Layout"/>; rises with every change.</param>
/// <param name="Layout">The ring in force.</param>
/// <param name="Standbys">Servers that replace a lost one, in this order.</param>
/// <param name="Lost">Servers that were declared dead; one that answers again becomes a standby.</param>
/// <param name="Pending">The next ring, while processes get ready for it.</param>
public sealed record RingRecord(
    long Epoch, RingLayout Layout, ImmutableArray<string> Standbys, ImmutableArray<LostServer> Lost, PendingRing? Pending)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The highest epoch: of the pending ring, if there is one.</summary>
    public long LatestEpoch => Pending?.Epoch ?? Epoch;

    /// <summary>The ring that will be in force when nothing is pending any more.</summary>
    public RingLayout Target => Pending?.Layout ?? Layout;

    /// <summary>The configured ring, for the first start.</summary>
    public static RingRecord Initial(IEnumerable<string> servers, IEnumerable<string> standbys) =>
        new(1, RingLayout.Of(servers), [.. standbys], [], null);

    /// <exception cref="JsonException">The text is not a ring record.</exception>
    public static RingRecord Parse(string json) => JsonSerializer.Deserialize<RingRecord>(json, Json) ?? throw new JsonException("The ring is null.");

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Makes a layout the pending ring; replaces one that is pending.</summary>
    public RingRecord Propose(RingLayout layout, string reason, DateTimeOffset now) => Without(layout.Servers) with
    {
        Pending = new(LatestEpoch + 1, layout, reason, now),
    };

    /// <summary>Puts the pending ring in force.</summary>
    public RingRecord Commit() => this with { Epoch = LatestEpoch, Layout = Target, Pending = null };

    /// <summary>Cancels the pending ring; servers that are only in it become standbys.</summary>
    public RingRecord Cancel() => Without(Layout.Servers) with
    {
        Epoch = LatestEpoch + 1,
        Standbys = [.. Standbys, .. Target.Servers.Except(Layout.Servers, StringComparer.Ordinal)],
        Pending = null,
    };

    /// <summary>Adds a standby.</summary>
    public RingRecord StandBy(string server) => Without([server]) with { Standbys = [.. Standbys, server] };

    /// <summary>Removes servers from the standbys and from the lost servers.</summary>
    public RingRecord Without(IEnumerable<string> servers) => this with
    {
        Standbys = [.. Standbys.Except(servers, StringComparer.Ordinal)],
        Lost = [.. Lost.ExceptBy(servers, lost => lost.Name, StringComparer.Ordinal)],
    };

    /// <summary>
    /// Removes a dead server: a standby takes its place, so that only its channels move; without one they spread over the
    /// rest. Unchanged if it is the last server and there is no standby.
    /// </summary>
    /// <param name="server">A member or a standby.</param>
    /// <param name="answers">Whether a standby can take over.</param>
    /// <param name="now">The time.</param>
    public RingRecord Lose(string server, Func<string, bool> answers, DateTimeOffset now)
    {
        if (!Target.Has(server))
        {
            return Bury(server, now);
        }

        if (Standbys.FirstOrDefault(standby => standby != server && answers(standby)) is { } standby)
        {
            return Propose(Target.Replace(server, standby), $"{server} is lost, {standby} takes its place", now).Bury(server, now);
        }

        return Target.Members.Length > 1
            ? Propose(Target.Remove(server), $"{server} is lost, the others share its channels", now).Bury(server, now)
            : this;
    }

    private RingRecord Bury(string server, DateTimeOffset now) => Without([server]) is var rest
        ? rest with { Lost = [.. rest.Lost, new(server, now)] }
        : this;
}

/// <summary>The next ring: until it is in force, every process subscribes and publishes according to both.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Layout">Its layout.</param>
/// <param name="Reason">In words, for operators.</param>
/// <param name="Since">When it was proposed.</param>
public sealed record PendingRing(long Epoch, RingLayout Layout, string Reason, DateTimeOffset Since);

/// <summary>A server that was declared dead, and when.</summary>
public sealed record LostServer(string Name, DateTimeOffset Since);

/// <summary>A process that publishes or subscribes, as it reports itself under its own lease.</summary>
/// <param name="Kind">Such as <c>gateway</c> or <c>api</c>.</param>
/// <param name="AppliedEpoch">The ring in force that it has applied.</param>
/// <param name="ReadyEpoch">The ring, in force or pending, that it is ready for: it has subscribed, and publishes, according to it.</param>
public sealed record RingProcessReport(string Kind, long AppliedEpoch, long ReadyEpoch)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static RingProcessReport Parse(string json) =>
        JsonSerializer.Deserialize<RingProcessReport>(json, Json) ?? throw new JsonException("The report is null.");

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
