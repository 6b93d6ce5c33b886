using NearbyFriends.Client.Connection;
using NearbyFriends.Client.Locations;
using NearbyFriends.Client.Wire;

namespace NearbyFriends.Client;

/// <summary>Where the device is: which of its positions are sent, and what becomes of those that may not have arrived.</summary>
public sealed partial class NearbyClient
{
    private const string GatheredRef = "gathered";

    private readonly OfflinePoints _offline;
    private readonly SentPoints _sent;
    private HashSet<Location> _gathered = []; // sent, and not confirmed yet
    private Location? _last;
    private Location? _reported; // by a device that gives many
    private PaceController? _pace;
    private bool _following;
    private bool _background;

    /// <summary>Locations that wait for a connection, or for a gateway's word that it has them.</summary>
    public int OfflineCount => _offline.Count;

    /// <summary>Locations that gave way because <see cref="NearbyClientOptions.OfflineCapacity"/> was reached.</summary>
    public long OfflineDropped => _offline.Dropped;

    /// <summary>
    /// Sends a location now, or keeps it until there is a connection. The first opens the list; each later one makes the
    /// gateway look at every friend again. See <see cref="ReportAsync"/> for a device that gives many.
    /// </summary>
    /// <returns>Whether it went out; false when it waits. One whose connection dies before the gateway is heard again waits, too.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is not on Earth.</exception>
    public async ValueTask<bool> SendAsync(Location location, CancellationToken cancellationToken = default)
    {
        ThrowUnlessOnEarth(location);
        lock (_gate)
        {
            if (_last is null || _last.Value.Time <= location.Time)
            {
                _last = location;
            }

            MoveTo(location);
        }

        if (_ready is { } sender
            && await TrySendAsync(sender, LocationMessage.Of(location), WireJson.Default.LocationMessage, cancellationToken)
            && TryKeepSent(sender, location))
        {
            return true;
        }

        _offline.Add(location);
        if (_ready is { } socket)
        {
            // The connection came up in between, and may have read the buffer before this one was in it.
            await ResumeAsync(socket);
        }

        return false;
    }

    /// <summary>
    /// Offers a position of the device; the client sends it if it is due by <see cref="PaceController"/>, or once it is, unless
    /// another one comes before. From the first report on, a device that stands still is kept active without further ones. While
    /// the user does not share, nothing is sent or kept; when it shares again, the last report is sent.
    /// </summary>
    /// <returns>Whether it was due, and so was sent or kept.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is not on Earth.</exception>
    public async ValueTask<bool> ReportAsync(Location location, CancellationToken cancellationToken = default)
    {
        ThrowUnlessOnEarth(location);
        lock (_gate)
        {
            _reported = location;
            MoveTo(location);
            _pace ??= NewPace(Welcome);
            if (!_sharing || !_pace.IsDue(location))
            {
                return false;
            }
        }

        await SendAsync(location, cancellationToken);
        return true;
    }

    /// <summary>
    /// The device does not say any more where it is (its owner forbade it, say): the last location is not kept present, nor sent
    /// again, until there is another. Friends see it until it is inactive.
    /// </summary>
    public void ForgetLocation()
    {
        lock (_gate)
        {
            _last = _reported = null;
            _sent.Take();
        }
    }

    /// <summary>
    /// Shows the list around the user's location as published by another device, and publishes nothing, until a location
    /// is sent or reported here. Asks again every 5 s while there is none (<see cref="Error"/> says <c>no_location</c>).
    /// </summary>
    public async ValueTask FollowAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            ForgetLocation();
            List.ForgetOwn();
            Strangers.ForgetOwn();
            _following = true;
        }

        await TrySendAsync(Follow, WireJson.Default.PlainMessage, cancellationToken);
    }

    /// <summary>The last report as it is now, if it should be sent: who stands still says so, and who stopped is not left behind.</summary>
    private Location? HereIfDue()
    {
        lock (_gate)
        {
            return _sharing && _pace is not null && Here() is { } here && _pace.IsDueNow(here) ? here : null;
        }
    }

    /// <summary>Where the device is as far as it reported; null of one that does not report.</summary>
    private Location? Here() => _reported is { } reported ? reported with { Time = Math.Max(reported.Time, Now) } : null;

    /// <summary>One moved oneself; the caller holds the gate.</summary>
    private void MoveTo(in Location location)
    {
        _following = false;
        _followAgainAt = null;
        List.MoveTo(location, _changes);
        if (Strangers.MoveTo(location))
        {
            StrangersChanged?.Invoke(this, Strangers);
        }

        TellChanges();
    }

    private static void ThrowUnlessOnEarth(in Location location)
    {
        // NaN fails these comparisons.
        if (!(Math.Abs(location.Latitude) <= 90) || !(Math.Abs(location.Longitude) <= 180))
        {
            throw new ArgumentOutOfRangeException(nameof(location), location, "Latitude must lie in -90..90 and longitude in -180..180 degrees.");
        }
    }

    private PaceController NewPace(Welcome? welcome) =>
        new(TimeSpan.FromMilliseconds(welcome?.UpdateEveryMs ?? 30_000), TimeSpan.FromMilliseconds(welcome?.InactiveAfterMs ?? 600_000))
        {
            ScreenInterval = ScreenInterval,
        };

    private TimeSpan? ScreenInterval => _background ? null : _options.ScreenInterval;

    private void SetBackground(bool background)
    {
        lock (_gate)
        {
            _background = background;
            _pace?.ScreenInterval = ScreenInterval;
        }
    }

    /// <summary>
    /// Where the device is now, which opens the list, and what was gathered offline. The answer to <c>foreground</c> says that the
    /// gateway has the latter: until then it is kept.
    /// </summary>
    private async Task SendLocationsAsync(GatewaySocket socket)
    {
        const long Day = 24 * 60 * 60 * 1000;
        if (!_sharing)
        {
            return;
        }

        var messages = _offline.Messages(Now - Day);
        if ((Here() ?? (messages.Count == 0 ? _last : null)) is { } location)
        {
            await socket.SendAsync(LocationMessage.Of(location), WireJson.Default.LocationMessage, _stopping.Token);
            TryKeepSent(socket, location);
        }

        if (messages.Count == 0)
        {
            return;
        }

        foreach (var points in messages)
        {
            await socket.SendAsync(LocationsMessage.Of(points), WireJson.Default.LocationsMessage, _stopping.Token);
        }

        _gathered = messages.SelectMany(points => points).ToHashSet();
        await socket.SendAsync(new PlainMessage("foreground", GatheredRef), WireJson.Default.PlainMessage, _stopping.Token);
    }

    /// <summary>Keeps a location that went out until the gateway is heard again; false if its connection has ended.</summary>
    private bool TryKeepSent(GatewaySocket socket, in Location location)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_ready, socket))
            {
                return false;
            }

            _sent.Add(location);
            return true;
        }
    }

    /// <summary>The connection ended: what went out last may not have arrived, and goes out again on the next one.</summary>
    private void KeepUnconfirmed()
    {
        lock (_gate)
        {
            foreach (var location in _sent.Take())
            {
                _offline.Add(location);
            }
        }
    }

    private void ConfirmGathered(string? answered)
    {
        if (answered == GatheredRef)
        {
            _offline.Confirm(_gathered);
        }
    }
}
