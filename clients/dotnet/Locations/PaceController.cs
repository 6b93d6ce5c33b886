namespace NearbyFriends.Client.Locations;

/// <summary>How a device moves, as far as its pace of updates is concerned.</summary>
public enum Motion
{
    /// <summary>Near the last location that was sent: within <see cref="PaceController.StillMetres"/>, on screen nearer.</summary>
    Still,

    /// <summary>Slower than <see cref="PaceController.VehicleMetresPerSecond"/>.</summary>
    Walking,

    /// <summary>At least that fast.</summary>
    Vehicle,
}

/// <summary>
/// Decides which of a device's positions are worth sending: on screen one a second of a mover, in the background about one in 30 s
/// on foot and one in 10 s in a vehicle, and enough to count as active while standing still. A phone offers every position it gets; the
/// radio wakes for few.
/// </summary>
/// <param name="walkingEvery">Pace on foot; the gateway's <c>updateEveryMs</c>. In a vehicle it is a third of that.</param>
/// <param name="inactiveAfter">When a friend counts as inactive. Standing still, two fifths of it pass between updates.</param>
public sealed class PaceController(TimeSpan walkingEvery, TimeSpan inactiveAfter)
{
    /// <summary>From this speed on a device is in a vehicle: 6 m/s, faster than most people run.</summary>
    public const double VehicleMetresPerSecond = 6;

    /// <summary>In the background a device that strayed less than this far (or less than its own uncertainty) stands still; metres.</summary>
    public const double StillMetres = 25;

    /// <summary>The same on screen, in metres.</summary>
    private const double ScreenStillMetres = 5;

    /// <summary>On screen a way is no longer within the uncertainty of the fix if it is longer than this; metres.</summary>
    private const double ScreenMostNoiseMetres = 50;

    /// <summary>Speed is measured over at least this long; a shorter baseline measures the receiver's noise.</summary>
    private static readonly TimeSpan Baseline = TimeSpan.FromSeconds(4);

    private Location? _sent;
    private Location? _measuredFrom;
    private double _metresPerSecond;

    /// <summary>The least time between two locations of a mover while the application is on screen; null in the background.</summary>
    public TimeSpan? ScreenInterval { get; set; }

    /// <summary>How the device moved when <see cref="IsDue"/> was last asked.</summary>
    public Motion Motion { get; private set; }

    /// <summary>How long the present motion lets pass between two updates.</summary>
    public TimeSpan Interval => Motion switch
    {
        Motion.Still => inactiveAfter * 0.4,
        _ when ScreenInterval is { } onScreen => onScreen,
        Motion.Vehicle => walkingEvery / 3,
        _ => walkingEvery,
    };

    /// <summary>Whether this position should be sent; the first always is. The caller sends what is due.</summary>
    /// <param name="location">A position no older than the one before it; an older one is never due.</param>
    public bool IsDue(in Location location)
    {
        Measure(location);
        return IsDueNow(location);
    }

    /// <summary>The same for the last position when time has passed: it says nothing new about the speed.</summary>
    internal bool IsDueNow(in Location location)
    {
        if (_sent is { } sent)
        {
            Motion = IsStill(sent, location) ? Motion.Still
                : _metresPerSecond >= VehicleMetresPerSecond ? Motion.Vehicle
                : Motion.Walking;
            if (location.Time - sent.Time < Interval.TotalMilliseconds)
            {
                return false;
            }
        }

        _sent = location;
        return true;
    }

    private bool IsStill(in Location sent, in Location location)
    {
        var strayed = sent.DistanceTo(location.Latitude, location.Longitude);
        var uncertainty = location.Accuracy ?? 0;
        return ScreenInterval is null
            ? strayed <= Math.Max(StillMetres, uncertainty)
            : strayed < Math.Max(ScreenStillMetres, Math.Min(uncertainty, ScreenMostNoiseMetres));
    }

    private void Measure(in Location location)
    {
        if (_measuredFrom is not { } from)
        {
            _measuredFrom = location;
            return;
        }

        var elapsed = location.Time - from.Time;
        if (elapsed >= Baseline.TotalMilliseconds)
        {
            _metresPerSecond = from.DistanceTo(location.Latitude, location.Longitude) * 1000 / elapsed;
            _measuredFrom = location;
        }
    }
}
