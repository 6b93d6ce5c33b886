namespace NearbyFriends.CapacityPlan;

/// <summary>A figure of the textbook design that this system follows, and what becomes of it on recalculation.</summary>
/// <param name="Said">What the text says.</param>
/// <param name="Computed">The same by arithmetic, from its own inputs.</param>
/// <param name="Holds">Whether it computes.</param>
/// <param name="Remark">What it means, or misses.</param>
public sealed record ChapterFigure(string Said, string Computed, bool Holds, string Remark)
{
    /// <summary>Every figure of the chapter, with the chapter's own inputs: 10 M connected of 100 M daily and 1 billion users.</summary>
    public static IReadOnlyList<ChapterFigure> All(UnitCosts costs)
    {
        const double Connected = 10e6;
        const double Interval = 30;
        const double Friends = 400;
        const double Active = 0.1;
        const double Channels = 100e6;
        const double Gateways = 100;
        var updates = Connected / Interval;
        var pushes = updates * Friends * Active;
        var perPush = costs.FrameBytes + costs.FrameEntryBytes;
        var lineRate = 1e9 / 8 / perPush;
        var subscriptions = Connected * Friends;
        return
        [
            new(
                "334,000 updates/s", $"10 M / 30 s = {updates:N0}", Holds: true,
                "Rounded up by 0.2 %."),
            new(
                "14 M friend updates/s", $"{updates:N0} x 400 x 10 % = {pushes / 1e6:0.00} M", Holds: true,
                "Rounded up by 5 %. It is what watchers are told, not what servers push: with a connection for each gateway, an update goes to a gateway once, however many watchers it has there."),
            new(
                "100 M channels, 20 bytes a subscriber: 200 GB", $"100 M x 20 B = {Channels * 20 / 1e9:0} GB; x 100 friends = {Channels * 20 * 100 / 1e9:0} GB", Holds: false,
                "200 GB needs 100 active friends each, which the same text puts at 40 (10 % of 400): 80 GB. "
                + "And subscribers are the 10 M who are connected, with all 400 friends, for a friend may come online at any moment: "
                + $"{subscriptions / 1e9:0} billion subscriptions of users, at 20 bytes {subscriptions * 20 / 1e9:0} GB."),
            new(
                "20 bytes a subscriber", $"{costs.ChannelBytes.Value:0} bytes measured for a channel and its subscriber, both ends", Holds: false,
                $"On 100 gateways {ClassicGigabytes(costs, Gateways):N0} GB for the fleet, where 16 shared channels need a few kilobytes."),
            new(
                "two servers of 100 GB hold the channels", "200 GB / 100 GB = 2", Holds: true,
                "It computes, from the 200 GB above, which do not."),
            new(
                "100,000 pushes/s a server on a gigabit line: 140 servers", $"{pushes / 1e6:0.00} M / 100,000 = {Math.Ceiling(pushes / 1e5):0}; 14 M / 100,000 = 140", Holds: true,
                $"But a gigabit carries {lineRate / 1e6:0.0} M pushes of {perPush:0} bytes, and a Redis core {1 / costs.RedisFrameUs:0.0} M: 100,000 is low by nine. "
                + $"By CPU {Math.Ceiling(pushes * costs.RedisFrameUs / 1e6 / 0.5):0} servers at half load would do; what the classic design really spends is in its gateways."),
            new(
                "100 bytes a cached location: 1 GB", $"10 M x 100 B = {Connected * 100 / 1e9:0} GB", Holds: true,
                $"The product holds; the 100 bytes do not quite: {costs.CacheBytes.Value:0} bytes with key, expiry and Redis's tables, so {Connected * costs.CacheBytes / 1e9:0.0} GB."),
            new(
                "one server's memory, several servers' writes", $"{updates:N0} x {costs.CacheWriteUs.Value:0.#} us = {updates * costs.CacheWriteUs / 1e6:0.0} cores", Holds: true,
                "Shards are for writing, not for memory."),
        ];
    }

    private static double ClassicGigabytes(UnitCosts costs, double gateways) =>
        FleetPlan.Of(new Demand { Gateways = (int)gateways, Cells = 1 }, costs).ClassicGigabytes;
}
