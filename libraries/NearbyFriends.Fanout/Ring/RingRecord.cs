using System.Collections.Immutable;
using System.Text.Json;

namespace NearbyFriends.Fanout.Ring;

/// <summary>What all processes agree on about the ring: one key in etcd, changed by compare-and-swap alone.</summary>
/// <param name="Epoch">Of <paramref name="Layout"/>; rises with every change.</param>
/// <param name="Layout">The ring in force.</param>
/// <param name="Standbys">Servers that take the place of one that is lost, first come first served.</param>
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

    /// <summary>What configuration describes, on first start.</summary>
    public static RingRecord Initial(IEnumerable<string> servers, IEnumerable<string> standbys) =>
        new(1, RingLayout.Of(servers), [.. standbys], [], null);

    /// <exception cref="JsonException">It is no ring.</exception>
    public static RingRecord Parse(string json) => JsonSerializer.Deserialize<RingRecord>(json, Json) ?? throw new JsonException("The ring is null.");

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Makes a layout the next ring, in place of one that may be pending.</summary>
    public RingRecord Propose(RingLayout layout, string reason, DateTimeOffset now) => Without(layout.Servers) with
    {
        Pending = new(LatestEpoch + 1, layout, reason, now),
    };

    /// <summary>The pending ring comes into force.</summary>
    public RingRecord Commit() => this with { Epoch = LatestEpoch, Layout = Target, Pending = null };

    /// <summary>The pending ring is given up; servers that it alone had stand by.</summary>
    public RingRecord Cancel() => Without(Layout.Servers) with
    {
        Epoch = LatestEpoch + 1,
        Standbys = [.. Standbys, .. Target.Servers.Except(Layout.Servers, StringComparer.Ordinal)],
        Pending = null,
    };

    /// <summary>One standby more.</summary>
    public RingRecord StandBy(string server) => Without([server]) with { Standbys = [.. Standbys, server] };

    /// <summary>Neither standby nor lost.</summary>
    public RingRecord Without(IEnumerable<string> servers) => this with
    {
        Standbys = [.. Standbys.Except(servers, StringComparer.Ordinal)],
        Lost = [.. Lost.ExceptBy(servers, lost => lost.Name, StringComparer.Ordinal)],
    };

    /// <summary>
    /// A server is dead: a standby takes its place, so that only its channels move; without one they spread over the
    /// rest. Unchanged when it is the last.
    /// </summary>
    /// <param name="server">A member or a standby.</param>
    /// <param name="answers">Whether a standby can take over.</param>
    /// <param name="now">The time.</param>
    public RingRecord Lose(string server, Func<string, bool> answers, DateTimeOffset now)
    {
        if (!Target.Has(server))
            return Bury(server, now);

        if (Standbys.FirstOrDefault(standby => standby != server && answers(standby)) is { } standby)
            return Propose(Target.Replace(server, standby), $"{server} is lost, {standby} takes its place", now).Bury(server, now);

        return Target.Members.Length > 1
            ? Propose(Target.Remove(server), $"{server} is lost, the others share its channels", now).Bury(server, now)
            : this;
    }

    private RingRecord Bury(string server, DateTimeOffset now) => Without([server]) is var rest
        ? rest with { Lost = [.. rest.Lost, new(server, now)] }
        : this;
}

/// <summary>The next ring: every process subscribes and publishes by both until it is in force.</summary>
/// <param name="Epoch">It will have.</param>
/// <param name="Layout">What it will be.</param>
/// <param name="Reason">In words, for operators.</param>
/// <param name="Since">When it was proposed.</param>
public sealed record PendingRing(long Epoch, RingLayout Layout, string Reason, DateTimeOffset Since);

/// <summary>A server that was declared dead, and when.</summary>
public sealed record LostServer(string Name, DateTimeOffset Since);

/// <summary>A process that publishes or subscribes, as it reports itself under its own lease.</summary>
/// <param name="Kind">Such as <c>gateway</c> or <c>api</c>.</param>
/// <param name="AppliedEpoch">The ring in force that it goes by.</param>
/// <param name="ReadyEpoch">The ring, in force or pending, that it is ready for: subscribed, and publishing by it.</param>
public sealed record RingProcessReport(string Kind, long AppliedEpoch, long ReadyEpoch)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static RingProcessReport Parse(string json) =>
        JsonSerializer.Deserialize<RingProcessReport>(json, Json) ?? throw new JsonException("The report is null.");

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
