namespace NearbyFriends.Gateway.Operations;

/// <summary>What a gateway says of itself once a second.</summary>
/// <param name="Id">Its name among its peers, <c>Gateway:Id</c>.</param>
/// <param name="Url">The http address of this replica alone; null when it listens nowhere.</param>
/// <param name="Version">What it runs, <c>Gateway:Version</c>: during a release there are two.</param>
/// <param name="Sessions">Open sessions.</param>
/// <param name="Draining">Whether it is about to refuse new sessions and sends the others elsewhere.</param>
/// <param name="AppliedEpoch">The version of the ring by which it publishes and subscribes; 0 where no ring is agreed.</param>
/// <param name="UpdatesPerSecond">Locations that it accepted from clients, 1/s.</param>
/// <param name="DeliveriesPerSecond">Friend updates that it put into outboxes, 1/s.</param>
/// <param name="OutboxP50Ms">Median from an update's receipt to the outboxes of its watchers, milliseconds: what the system itself takes.</param>
/// <param name="OutboxP99Ms">The same that 1 of 100 frames exceeds, milliseconds.</param>
/// <param name="P50Ms">Median from an update's receipt to the socket that took it, milliseconds. It contains the pace of the sessions.</param>
/// <param name="P99Ms">The same that 1 of 100 messages exceeds, milliseconds.</param>
/// <param name="JournalAgeSeconds">How long ago it read the journal of consent last, seconds.</param>
public sealed record GatewayState(
    string Id,
    string? Url,
    string? Version,
    int Sessions,
    bool Draining,
    long AppliedEpoch,
    double UpdatesPerSecond,
    double DeliveriesPerSecond,
    double OutboxP50Ms,
    double OutboxP99Ms,
    double P50Ms,
    double P99Ms,
    double JournalAgeSeconds);
