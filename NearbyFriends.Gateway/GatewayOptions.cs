using System.ComponentModel.DataAnnotations;
using System.Reflection;
using NearbyFriends.ServiceDefaults.Telemetry;

namespace NearbyFriends.Gateway;

/// <summary>Configuration section <c>Gateway</c>: connections, paces and limits.</summary>
public sealed record GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>This gateway's name among its peers; default: its <see cref="ServiceInstance.Name"/>, which traces and logs have too.</summary>
    public string Id { get; init; } = ServiceInstance.Name;

    /// <summary>The http address of this replica alone; default: the first that it listens on.</summary>
    public string? Url { get; init; }

    /// <summary>What it runs, as operators see it; default: the version that it was built as.</summary>
    public string Version { get; init; } =
        typeof(GatewayOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Friends on a page of the nearby list; 1 to 100.</summary>
    [Range(1, 100, ErrorMessage = "Gateway:PageSize must lie between 1 and 100.")]
    public int PageSize { get; init; } = 20;

    /// <summary>Least time between two <c>friends</c> messages to a session that chose no pace; zero sends each change at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30", ErrorMessage = "Gateway:Flush must lie between 00:00:00 and 00:00:30.")]
    public TimeSpan Flush { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How exactly the pace is kept, a twentieth of it, 25 to 100 ms: sessions that are due within it are flushed together, and locations
    /// that come within it are cached and sent together unless <c>Fanout:FrameWindow</c> says otherwise. Each time threads wake up.
    /// </summary>
    public TimeSpan Tick => TimeSpan.FromMilliseconds(Math.Clamp(Flush.TotalMilliseconds / 20, 25, 100));

    /// <summary>How often clients are asked to send their location; told to them in <c>welcome</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ErrorMessage = "Gateway:UpdateEvery must lie between 00:00:00.1 and 01:00:00.")]
    public TimeSpan UpdateEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A ping leaves after this much silence, which keeps NATs open.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00", ErrorMessage = "Gateway:PingEvery must lie between 00:00:01 and 00:05:00.")]
    public TimeSpan PingEvery { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>A peer that has not answered a ping for this long is dead.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00", ErrorMessage = "Gateway:PingTimeout must lie between 00:00:01 and 00:05:00.")]
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>A socket that does not take a message for this long is closed with 4408.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Gateway:SendTimeout must lie between 00:00:01 and 00:10:00.")]
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Sessions one user may have on this gateway; with one more, the one that was silent longest is closed with 4429.</summary>
    [Range(1, 1000, ErrorMessage = "Gateway:SessionsPerUser must lie between 1 and 1000.")]
    public int SessionsPerUser { get; init; } = 10;

    /// <summary>Location messages a session may send each second on average; 0 is no limit.</summary>
    [Range(0, 1000, ErrorMessage = "Gateway:UpdatesPerSecond must lie between 0 and 1000.")]
    public double UpdatesPerSecond { get; init; } = 2;

    /// <summary>Location messages a session may send at once after a pause.</summary>
    [Range(1, 10_000, ErrorMessage = "Gateway:UpdateBurst must lie between 1 and 10000.")]
    public int UpdateBurst { get; init; } = 20;

    /// <summary>
    /// Work that a session may ask for each second on average by other messages, counted in friends looked at: <c>radius</c>,
    /// <c>foreground</c> and <c>follow</c> look at all; 0 is no limit.
    /// </summary>
    [Range(0, 1_000_000, ErrorMessage = "Gateway:WorkPerSecond must lie between 0 and 1000000.")]
    public double WorkPerSecond { get; init; } = 10_000;

    /// <summary>Work that a session may ask for at once after a pause.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Gateway:WorkBurst must lie between 1 and 10000000.")]
    public int WorkBurst { get; init; } = 60_000;

    /// <summary>Messages beyond the rate limits within a minute that close a session with 1008.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Gateway:RefusalsPerMinute must lie between 1 and 1000000.")]
    public int RefusalsPerMinute { get; init; } = 100;

    /// <summary>
    /// Connects that are served at the same time. Their friends are loaded together, over two connections to the database at most.
    /// The others wait, and are served in order.
    /// </summary>
    [Range(1, 1000, ErrorMessage = "Gateway:ConnectsAtOnce must lie between 1 and 1000.")]
    public int ConnectsAtOnce { get; init; } = 16;

    /// <summary>Connects that may wait; one more is answered 503 with Retry-After before any work is done for it.</summary>
    [Range(0, 1_000_000, ErrorMessage = "Gateway:ConnectsWaiting must lie between 0 and 1000000.")]
    public int ConnectsWaiting { get; init; } = 10_000;

    /// <summary>Offences (invalid messages, locations, radii and paces) within a minute that close a session with 1008.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Gateway:OffencesPerMinute must lie between 1 and 1000000.")]
    public int OffencesPerMinute { get; init; } = 20;

    /// <summary>Origins (scheme://host[:port]) whose pages may open sockets and streams; <c>*</c> is any. Without one, only clients that send no Origin.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    /// <summary>
    /// For how long a draining gateway fails its readiness and still takes sessions, so that balancers turn to other gateways first.
    /// Must exceed the interval of their health checks times the failures that they wait for.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:02:00", ErrorMessage = "Gateway:DrainDelay must lie between 00:00:00 and 00:02:00.")]
    public TimeSpan DrainDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Sessions that a draining gateway sends elsewhere each second: as many connects as the others can take beside their work.</summary>
    [Range(0.01, 100_000, ErrorMessage = "Gateway:DrainPerSecond must lie between 0.01 and 100000.")]
    public double DrainPerSecond { get; init; } = 300;

    /// <summary>
    /// The longest time over which sessions are sent elsewhere; the remaining ones are closed at once. The default is enough for 144,000
    /// sessions at 300 a second. An orchestrator must wait longer than this plus <see cref="DrainDelay"/> before it kills the process.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "02:00:00", ErrorMessage = "Gateway:DrainTime must lie between 00:00:00 and 02:00:00.")]
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromMinutes(8);
}
