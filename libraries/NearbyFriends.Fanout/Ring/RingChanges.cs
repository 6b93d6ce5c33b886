using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Discovery;


namespace NearbyFriends.Fanout.Ring;

/// <summary>The answer to an operator's change of the ring.</summary>
public enum RingChangeOutcome
{
    /// <summary>
    /// It is pending, or already in force if no channel moves; <see cref="RingChange.Epoch"/> is the epoch that contains it.
    /// </summary>
    Accepted,

    /// <summary>The ring already has this state.</summary>
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

    /// <summary>The last server cannot be removed.</summary>
    LastServer,

    /// <summary>Another change is pending; only one can be pending at a time.</summary>
    ChangePending,

    /// <summary>etcd is unavailable, so the ring cannot be changed now.</summary>
    DiscoveryAway,

    /// <summary>There is no etcd (<c>Discovery:Etcd</c>): the configured servers are the ring.</summary>
    NoDiscovery,
}

/// <summary>The result of an operator's change.</summary>
/// <param name="Outcome">As a code.</param>
/// <param name="Epoch">Of the ring with the change, if it was accepted; else of the ring in force.</param>
/// <param name="Message">As a sentence.</param>
public sealed record RingChange(RingChangeOutcome Outcome, long Epoch, string Message);

/// <summary>
/// The changes that operators make to the ring. Each is lossless: it is proposed here, and takes effect when every process is
/// ready.
/// </summary>
/// <example><code>
/// var change = await changes.AddServerAsync("pubsub-3", cancellationToken);
/// if (change.Outcome == RingChangeOutcome.Accepted)
///     await changes.InForceAsync(change.Epoch, cancellationToken);
/// </code></example>
public sealed class RingChanges(RingState state, PubSubServers servers, ChannelScheme scheme, TimeProvider clock, EtcdClient? etcd = null)
{
    private const int Attempts = 5;
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(2);

    /// <summary>Adds a server, which may be a standby; about 1/N of the channels move to it.</summary>
    public Task<RingChange> AddServerAsync(string name, CancellationToken cancellationToken) => ChangeAsync(
        async record => record.Layout.Has(name)
            ? Refuse(RingChangeOutcome.AlreadyMember, $"{name} is in the ring already.")
            : await RefuseUnlessUsableAsync(name) ?? Propose(record, record.Layout.Add(name), $"{name} joins"),
        cancellationToken);

    /// <summary>Adds a standby, which replaces a server that dies; no channel moves.</summary>
    public Task<RingChange> AddStandbyAsync(string name, CancellationToken cancellationToken) => ChangeAsync(
        async record => record.Layout.Has(name)
            ? Refuse(RingChangeOutcome.AlreadyMember, $"{name} is in the ring already.")
            : record.Standbys.Contains(name)
                ? Refuse(RingChangeOutcome.Unchanged, $"{name} is a standby already.")
                : await RefuseUnlessUsableAsync(name) ?? new Step(record.StandBy(name), null),
        cancellationToken);

    /// <summary>Removes a server: its channels spread over the others. A standby or a lost server is removed from the record.</summary>
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

    /// <summary>
    /// Replaces a server by another, such as a standby; only the channels of that server move. The replaced server is removed
    /// from the record.
    /// </summary>
    public Task<RingChange> ReplaceServerAsync(string name, string by, CancellationToken cancellationToken) => ChangeAsync(
        async record => !record.Layout.Has(name)
            ? Refuse(RingChangeOutcome.UnknownServer, $"The ring has no server {name}.")
            : record.Layout.Has(by)
                ? Refuse(RingChangeOutcome.AlreadyMember, $"{by} is in the ring already.")
                : await RefuseUnlessUsableAsync(by) ?? Propose(record, record.Layout.Replace(name, by), $"{by} replaces {name}"),
        cancellationToken);

    /// <summary>Pins one channel to a server; overrides the hashing.</summary>
    /// <param name="channel"><c>p3</c>, a partition, or <c>u42</c>, a user's channel: the others in its slot move too.</param>
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

    /// <summary>Removes a pin: the hashing places the channel again.</summary>
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

    /// <summary>Cancels the pending change; no channel has moved yet.</summary>
    public Task<RingChange> CancelAsync(CancellationToken cancellationToken) => ChangeAsync(
        record => Task.FromResult(
            record.Pending is null
                ? Refuse(RingChangeOutcome.Unchanged, "No change is pending.")
                : new Step(record.Cancel(), null)),
        cancellationToken,
        whilePending: true);

    /// <summary>Completes when this process knows that the ring of that epoch, or of a later one, is in force.</summary>
    public async Task InForceAsync(long epoch, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (ring, changed) = state.Latest.Read();
            if (ring.Record?.Epoch >= epoch)
            {
                return;
            }

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

    /// <summary>Reads, changes and writes the record; retries when another process wrote it first.</summary>
    private async Task<RingChange> ChangeAsync(Func<RingRecord, Task<Step>> change, CancellationToken cancellationToken, bool whilePending = false)
    {
        if (etcd is null)
        {
            return new(RingChangeOutcome.NoDiscovery, state.Record.Epoch, "Discovery:Etcd is not set: the configured servers are the ring.");
        }

        try
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                if (await etcd.GetAsync(state.Keys.Record, cancellationToken) is not { } entry)
                {
                    break;
                }

                var record = RingRecord.Parse(entry.Value);
                if (record.Pending is { } pending && !whilePending)
                {
                    return new(RingChangeOutcome.ChangePending, record.Epoch, $"A change is pending ({pending.Reason}); only one can be pending at a time.");
                }

                var (next, refusal) = await change(record);
                if (next is null)
                {
                    return refusal!;
                }

                if (await etcd.TryPutAsync(state.Keys.Record, next.ToJson(), entry.ModRevision, cancellationToken: cancellationToken))
                {
                    return new(RingChangeOutcome.Accepted, next.LatestEpoch, next.Pending?.Reason ?? "Done.");
                }
            }

            return new(RingChangeOutcome.DiscoveryAway, state.Record.Epoch, "The ring in etcd changes too fast, or does not exist yet; try again.");
        }
        catch (EtcdException e)
        {
            return new(RingChangeOutcome.DiscoveryAway, state.Record.Epoch, e.Message);
        }
    }

    private sealed record Step(RingRecord? Next, RingChange? Refusal);
}
