using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Discovery;


namespace NearbyFriends.Fanout.Ring;

/// <summary>How an operator's change of the ring began.</summary>
public enum RingChangeOutcome
{
    /// <summary>It is pending, or in force already where no channel moves; <see cref="RingChange.Epoch"/> tells when.</summary>
    Accepted,

    /// <summary>The ring is so already.</summary>
    Unchanged,

    /// <summary>The ring has no server of that name.</summary>
    UnknownServer,

    /// <summary>There is no channel of that name.</summary>
    UnknownChannel,

    /// <summary>The server is in the ring already.</summary>
    AlreadyMember,

    /// <summary>The name has no connection string in configuration.</summary>
    NotConfigured,

    /// <summary>The server does not answer.</summary>
    NotAnswering,

    /// <summary>The ring cannot do without its last server.</summary>
    LastServer,

    /// <summary>Another change is pending; only one is at a time.</summary>
    ChangePending,

    /// <summary>etcd is away, so nothing can be changed now.</summary>
    DiscoveryAway,

    /// <summary>There is no etcd (<c>Discovery:Etcd</c>): configuration names the servers, and only it changes them.</summary>
    NoDiscovery,
}

/// <summary>What became of an operator's change.</summary>
/// <param name="Outcome">In one word.</param>
/// <param name="Epoch">The ring that has the change, when it was accepted; else the ring now.</param>
/// <param name="Message">In a sentence.</param>
public sealed record RingChange(RingChangeOutcome Outcome, long Epoch, string Message);

/// <summary>What operators may do to the ring. Each change is lossless: it is proposed here, and in force when every process is ready.</summary>
/// <example><code>
/// var change = await changes.AddServerAsync("pubsub-3", cancellationToken);
/// if (change.Outcome == RingChangeOutcome.Accepted)
///     await changes.InForceAsync(change.Epoch, cancellationToken);
/// </code></example>
public sealed class RingChanges(RingState state, PubSubServers servers, ChannelScheme scheme, TimeProvider clock, EtcdClient? etcd = null)
{
    private const int Attempts = 5;
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(2);

    /// <summary>A server more in the ring; about 1/N of the channels move to it. A standby may be named.</summary>
    public Task<RingChange> AddServerAsync(string name, CancellationToken cancellationToken) => ChangeAsync(
        async record => record.Layout.Has(name)
            ? Refuse(RingChangeOutcome.AlreadyMember, $"{name} is in the ring already.")
            : await RefuseUnlessUsableAsync(name) ?? Propose(record, record.Layout.Add(name), $"{name} joins"),
        cancellationToken);

    /// <summary>A server that stands by for one that dies; nothing moves.</summary>
    public Task<RingChange> AddStandbyAsync(string name, CancellationToken cancellationToken) => ChangeAsync(
        async record => record.Layout.Has(name)
            ? Refuse(RingChangeOutcome.AlreadyMember, $"{name} is in the ring already.")
            : record.Standbys.Contains(name)
                ? Refuse(RingChangeOutcome.Unchanged, $"{name} stands by already.")
                : await RefuseUnlessUsableAsync(name) ?? new Step(record.StandBy(name), null),
        cancellationToken);

    /// <summary>Takes a server away: its channels spread over the others. A standby, or a lost server, is forgotten.</summary>
    public Task<RingChange> RemoveServerAsync(string name, CancellationToken cancellationToken) => ChangeAsync(
        record => Task.FromResult(
            record.Layout.Has(name)
                ? record.Layout.Members.Length > 1
                    ? Propose(record, record.Layout.Remove(name), $"{name} leaves")
                    : Refuse(RingChangeOutcome.LastServer, $"{name} is the last server of the ring; add another first.")
                : record.Standbys.Contains(name) || record.Lost.Any(lost => lost.Name == name)
                    ? new Step(record.Without([name]), null)
                    : Refuse(RingChangeOutcome.UnknownServer, $"The ring has no server {name}.")),
        cancellationToken);

    /// <summary>Puts another server, such as a standby, in the place of one; only that one's channels move. It is forgotten.</summary>
    public Task<RingChange> ReplaceServerAsync(string name, string by, CancellationToken cancellationToken) => ChangeAsync(
        async record => !record.Layout.Has(name)
            ? Refuse(RingChangeOutcome.UnknownServer, $"The ring has no server {name}.")
            : record.Layout.Has(by)
                ? Refuse(RingChangeOutcome.AlreadyMember, $"{by} is in the ring already.")
                : await RefuseUnlessUsableAsync(by) ?? Propose(record, record.Layout.Replace(name, by), $"{by} replaces {name}"),
        cancellationToken);

    /// <summary>Moves one channel to a server by hand, whatever the hashing says.</summary>
    /// <param name="channel"><c>p3</c>, a partition, or <c>u42</c>, where each user has a channel: with it go the few that share its slot.</param>
    /// <param name="server">A member of the ring.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<RingChange> PinAsync(string channel, string server, CancellationToken cancellationToken) => ChangeAsync(
        record => Task.FromResult(
            scheme.TryParseSlot(channel) is not { } slot
                ? Refuse(RingChangeOutcome.UnknownChannel, $"There is no channel {channel}; {scheme.ChannelNames}.")
                : !record.Layout.Has(server)
                    ? Refuse(RingChangeOutcome.UnknownServer, $"The ring has no server {server}.")
                    : record.Layout.Pins.GetValueOrDefault(slot) == server
                        ? Refuse(RingChangeOutcome.Unchanged, $"{channel} is pinned to {server} already.")
                        : Propose(record, record.Layout.Pin(slot, server), $"{channel} is pinned to {server}")),
        cancellationToken);

    /// <summary>Leaves a channel to the hashing again.</summary>
    /// <param name="channel">As in <see cref="PinAsync"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<RingChange> UnpinAsync(string channel, CancellationToken cancellationToken) => ChangeAsync(
        record => Task.FromResult(
            scheme.TryParseSlot(channel) is not { } slot
                ? Refuse(RingChangeOutcome.UnknownChannel, $"There is no channel {channel}; {scheme.ChannelNames}.")
                : record.Layout.Pins.ContainsKey(slot)
                    ? Propose(record, record.Layout.Unpin(slot), $"{channel} is unpinned")
                    : Refuse(RingChangeOutcome.Unchanged, $"{channel} is not pinned.")),
        cancellationToken);

    /// <summary>Gives up the pending change: nothing has moved yet.</summary>
    public Task<RingChange> CancelAsync(CancellationToken cancellationToken) => ChangeAsync(
        record => Task.FromResult(
            record.Pending is null
                ? Refuse(RingChangeOutcome.Unchanged, "No change is pending.")
                : new Step(record.Cancel(), null)),
        cancellationToken,
        whilePending: true);

    /// <summary>Ends when this process goes by the ring of that epoch, in force, or a later one.</summary>
    public async Task InForceAsync(long epoch, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (ring, changed) = state.Latest.Read();
            if (ring.Record?.Epoch >= epoch)
                return;

            await changed.WaitAsync(cancellationToken);
        }
    }

    private Step Propose(RingRecord record, RingLayout layout, string reason) => new(record.Propose(layout, reason, clock.GetUtcNow()), null);

    private Step Refuse(RingChangeOutcome outcome, string message) => new(null, new(outcome, state.Record.Epoch, message));

    private async Task<Step?> RefuseUnlessUsableAsync(string name) =>
        !servers.IsConfigured(name)
            ? Refuse(RingChangeOutcome.NotConfigured, $"{name} has no connection string; set ConnectionStrings:{name} in every gateway and Api.")
            : await servers.AnswersAsync(name, AnswersWithin)
                ? null
                : Refuse(RingChangeOutcome.NotAnswering, $"{name} does not answer.");

    /// <summary>Reads, changes and writes, again when somebody else was faster.</summary>
    private async Task<RingChange> ChangeAsync(Func<RingRecord, Task<Step>> change, CancellationToken cancellationToken, bool whilePending = false)
    {
        if (etcd is null)
            return new(RingChangeOutcome.NoDiscovery, state.Record.Epoch, "Discovery:Etcd is not set: configuration names the servers.");

        try
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                if (await etcd.GetAsync(state.Keys.Record, cancellationToken) is not { } entry)
                    break;

                var record = RingRecord.Parse(entry.Value);
                if (record.Pending is { } pending && !whilePending)
                    return new(RingChangeOutcome.ChangePending, record.Epoch, $"A change is pending ({pending.Reason}); only one is at a time.");

                var (next, refusal) = await change(record);
                if (next is null)
                    return refusal!;

                if (await etcd.TryPutAsync(state.Keys.Record, next.ToJson(), entry.ModRevision, cancellationToken: cancellationToken))
                    return new(RingChangeOutcome.Accepted, next.LatestEpoch, next.Pending?.Reason ?? "Done.");
            }

            return new(RingChangeOutcome.DiscoveryAway, state.Record.Epoch, "The ring in etcd changes too fast, or is not there yet; try again.");
        }
        catch (EtcdException e)
        {
            return new(RingChangeOutcome.DiscoveryAway, state.Record.Epoch, e.Message);
        }
    }

    private sealed record Step(RingRecord? Next, RingChange? Refusal);
}
