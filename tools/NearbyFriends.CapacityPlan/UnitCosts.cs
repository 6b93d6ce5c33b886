using System.Text.Json;

namespace NearbyFriends.CapacityPlan;

/// <summary>What one of something costs, and who says so.</summary>
/// <param name="Value">In the unit of its name: us is microseconds of one core, B bytes.</param>
/// <param name="Source">A benchmark with its metric, or "assumed" with the reason.</param>
public readonly record struct UnitCost(double Value, string Source)
{
    public static implicit operator double(UnitCost cost) => cost.Value;
}

/// <summary>What the parts of the system cost, one update, frame, message or row at a time.</summary>
/// <remarks>
/// The defaults were measured on a machine of two cores; a benchmark that has been run here takes their place. Memory of
/// Redis and Postgres was measured with a million entries.
/// </remarks>
public sealed record UnitCosts
{
    /// <summary>Redis, for a frame published and for each delivery of it.</summary>
    public UnitCost RedisFrameUs { get; init; } = new(1.08, "measured: a frame of one update, published once and delivered once; counted in full for either");

    /// <summary>A gateway, for a frame published and for each frame received.</summary>
    public UnitCost FrameUs { get; init; } = new(4.1, "measured: half of 8.3 us, what a frame costs publisher and subscriber beside its entries");

    /// <summary>A gateway, for each entry of a received frame: decoded and looked up.</summary>
    public UnitCost EntryUs { get; init; } = new(0.34, "measured: frames of 32 entries (19.2 us) against frames of one (8.6 us), publisher and subscriber");

    /// <summary>A gateway, for a friend update that goes into a session's outbox.</summary>
    public UnitCost DeliveryUs { get; init; } = new(0.43, "measured: 2.3 million a second where friends are spread; bench fanout, checks_per_second_per_core_unshared, replaces it");

    /// <summary>A gateway, for a message to a client; as a benchmark gives it, one friend and a fortieth of an update are in it.</summary>
    public UnitCost MessageUs { get; init; } = new(25, "assumed: a write to a socket; bench sockets, gateway_us_per_delivery, replaces it");

    /// <summary>A gateway, for a location from a client: read, checked, on its way to cache, history and frame.</summary>
    public UnitCost UpdateUs { get; init; } = new(60, "assumed: a read from a socket, a command to Redis and its answer, each as dear as a message");

    /// <summary>Gateway, cache and database together, for a client that connects.</summary>
    public UnitCost ConnectUs { get; init; } = new(1_000, "bench connect, server_cpu_per_connect_ms: its target");

    /// <summary>A gateway's memory for a connection with its watched friends.</summary>
    public UnitCost ConnectionBytes { get; init; } = new(26_000, "bench memory, bytes_per_idle_connection: its target");

    /// <summary>A friend in a message to a client (JSON).</summary>
    public UnitCost MessageEntryBytes { get; init; } = new(105, "counted: id of 19 digits, lat and lon of 7 decimals, time, distance");

    /// <summary>A message to a client beside its entries, with the headers of WebSocket, TCP and IP.</summary>
    public UnitCost MessageBytes { get; init; } = new(110, "counted: 56 of JSON, 4 of WebSocket, 52 of TCP and IP");

    /// <summary>An entry of a frame.</summary>
    public UnitCost FrameEntryBytes { get; init; } = new(32, "the format of frames");

    /// <summary>A frame beside its entries, as Redis delivers it.</summary>
    public UnitCost FrameBytes { get; init; } = new(110, "counted: 16 of header, 42 of the Redis protocol, 52 of TCP and IP");

    /// <summary>The cache, for a location written by its script.</summary>
    public UnitCost CacheWriteUs { get; init; } = new(10, "measured: 16 us one command at a time, 6.3 us eight at a time, Redis 7.0");

    /// <summary>The cache, for a location read at connect.</summary>
    public UnitCost CacheReadUs { get; init; } = new(1.2, "measured: 400 keys at once, Redis 7.0");

    /// <summary>The cache's memory for a location of 24 bytes.</summary>
    public UnitCost CacheBytes { get; init; } = new(160, "measured: a million keys with expiry, ids of 19 digits, Redis 7.0");

    /// <summary>The classic design's memory for each (channel, subscriber), client and Redis.</summary>
    public UnitCost ChannelBytes { get; init; } = new(422, "measured: StackExchange.Redis 2.13 and Redis 7.0");

    /// <summary>Actors, one per user: all CPU for an update that reaches one gateway.</summary>
    public UnitCost ActorDeliveryUs { get; init; } = new(17, "measured on a busy machine: 68 us with four gateways; docs/decisions/0015-actors.md");

    /// <summary>Actors, one per user: CPU for a gateway that begins to watch a user.</summary>
    public UnitCost ActorWatchUs { get; init; } = new(126, "measured on a busy machine; docs/decisions/0015-actors.md");

    /// <summary>Memory of an actor.</summary>
    public UnitCost ActorBytes { get; init; } = new(2_500, "measured; docs/decisions/0015-actors.md");

    /// <summary>Actors, one per user: memory for each (user, gateway that watches).</summary>
    public UnitCost ActorWatchBytes { get; init; } = new(1_600, "measured; docs/decisions/0015-actors.md");

    /// <summary>A row of the friend graph with its index; two for a friendship.</summary>
    public UnitCost FriendRowBytes { get; init; } = new(108.8, "measured: 68.3 heap, 40.5 index; docs/decisions/0008-users-in-postgres.md");

    /// <summary>A user with name and indexes.</summary>
    public UnitCost UserBytes { get; init; } = new(300, "assumed: two rows of some 100 bytes and their indexes");

    /// <summary>A location in the history with its index.</summary>
    public UnitCost HistoryRowBytes { get; init; } = new(108.7, "measured: docs/decisions/0010-history-storage.md");

    /// <summary>A location in the history stream.</summary>
    public UnitCost StreamBytes { get; init; } = new(40, "bench history, stream_bytes_per_update: its target");

    /// <summary>The history stream's Redis, for a location taken and given out.</summary>
    public UnitCost StreamUs { get; init; } = new(0.5, "assumed; bench history, stream_cpu_per_row, replaces it");

    /// <summary>A history worker, for a location.</summary>
    public UnitCost WorkerUs { get; init; } = new(1.5, "assumed; bench history, worker_cpu_per_row, replaces it");

    /// <summary>The history database, for a row: what a core copies in.</summary>
    public UnitCost HistoryRowUs { get; init; } = new(6, "assumed: COPY into a table with one index, some 170,000 rows a second and core");

    // Which metric of which benchmark gives which cost, and how.
    private static readonly (string Bench, string Metric, Func<UnitCosts, UnitCost, UnitCosts> Apply, Func<double, double> Convert)[] MeasuredCosts =
    [
        ("fanout", "checks_per_second_per_core_unshared", (costs, cost) => costs with { DeliveryUs = cost }, value => 1e6 / value),
        ("sockets", "gateway_us_per_delivery", (costs, cost) => costs with { MessageUs = cost }, value => value),
        ("memory", "bytes_per_idle_connection", (costs, cost) => costs with { ConnectionBytes = cost }, value => value),
        ("connect", "server_cpu_per_connect_ms", (costs, cost) => costs with { ConnectUs = cost }, value => value * 1_000),
        ("history", "stream_bytes_per_update", (costs, cost) => costs with { StreamBytes = cost }, value => value),
        ("history", "stream_cpu_per_row", (costs, cost) => costs with { StreamUs = cost }, value => value),
        ("history", "worker_cpu_per_row", (costs, cost) => costs with { WorkerUs = cost }, value => value),
    ];

    /// <summary>The defaults, with what benchmarks have measured here in their place.</summary>
    /// <param name="folder">Of the benchmarks' figures: <c>.nearby/bench</c>.</param>
    /// <exception cref="InvalidDataException">A file there is none of a benchmark; the message names it.</exception>
    public static UnitCosts Measured(string folder)
    {
        var costs = new UnitCosts();
        foreach (var bench in MeasuredCosts.GroupBy(measured => measured.Bench, StringComparer.Ordinal))
        {
            var file = Path.Combine(folder, bench.Key + ".json");
            var results = File.Exists(file) ? Read(file) : [];
            foreach (var (_, metric, apply, convert) in bench)
            {
                if (results.TryGetValue(metric, out var value) && value > 0)
                {
                    costs = apply(costs, new(convert(value), $"bench {bench.Key}, {metric}: measured here"));
                }
            }
        }

        return costs;
    }

    private static Dictionary<string, double> Read(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            return document.RootElement.GetProperty("results").EnumerateArray().ToDictionary(
                result => result.GetProperty("metric").GetString()!, result => result.GetProperty("value").GetDouble(), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{file} does not hold the figures of a benchmark: {e.Message}", e);
        }
    }
}
