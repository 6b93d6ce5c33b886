using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Telemetry;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>What all sessions of a gateway share.</summary>
public sealed class SessionContext(
    WatchIndex index, FlushWheel flushes, PresenceWheel presence, DisplayNames names, LiveFigures figures, Standstill standstill,
    IOptions<GatewayOptions> options, IOptions<PresenceOptions> presenceOptions, TimeProvider clock)
{
    public WatchIndex Index { get; } = index;

    public FlushWheel Flushes { get; } = flushes;

    public PresenceWheel Presence { get; } = presence;

    public DisplayNames Names { get; } = names;

    public LiveFigures Figures { get; } = figures;

    public Standstill Standstill { get; } = standstill;

    public GatewayOptions Options { get; } = options.Value;

    public PresenceOptions PresenceOptions { get; } = presenceOptions.Value;

    public TimeProvider Clock { get; } = clock;

    /// <summary>Unix milliseconds UTC.</summary>
    public long Now => Clock.UnixMilliseconds();

    /// <summary>Milliseconds of the monotonic clock, by which paces and timeouts are measured.</summary>
    public long Monotonic => Clock.MonotonicMilliseconds();
}
