using NearbyFriends.Client;
using NearbyFriends.Client.Locations;

namespace NearbyFriends.Simulator.Walking;

/// <summary>
/// A townsperson's phone: offers its positions to the client while the battery lasts. Below ground there is no signal; the
/// client keeps the positions and uploads them late.
/// </summary>
internal sealed class Phone : IAsyncDisposable
{
    /// <summary>Less than this is standing still; metres.</summary>
    private const double StillMetres = 3;

    /// <summary>Of the time after which a friend is inactive; so often one who stands still says so.</summary>
    private const double PresentShare = 0.4;

    private const int HeldTimes = 256;

    private readonly Townsperson _person;
    private readonly Radio _radio;
    private readonly TimeSpan? _every;
    private readonly Queue<long> _held = [];
    private (Spot Spot, long Time)? _sent;

    /// <param name="person">Whose it is.</param>
    /// <param name="connect">Makes the client that goes through this radio.</param>
    /// <param name="every">How often a moving phone sends; null lets the client's pace decide.</param>
    public Phone(Townsperson person, Func<Radio, NearbyClient> connect, TimeSpan? every)
    {
        (_person, _every, _radio) = (person, every, new());
        Client = connect(_radio);
    }

    public NearbyClient Client { get; }

    /// <summary>Where it was when it last told.</summary>
    public Spot Told { get; private set; }

    private Spot Position => _person.Walker.Position;

    /// <summary>Whether nobody hears of it now: its battery is empty, or it is below ground.</summary>
    public bool IsAway => _person.Battery.IsEmpty || _person.Walker.IsUnderground;

    /// <summary>Whether the position of this moment waited for a connection.</summary>
    public bool HeldBack(long time)
    {
        lock (_held)
        {
            return _held.Contains(time);
        }
    }

    /// <summary>Connects; a phone that is empty connects once it is charged.</summary>
    public async Task ConnectAsync(TimeSpan inactiveAfter, CancellationToken cancellationToken)
    {
        if (_person.SilentFor is not { } silent)
        {
            await Client.ConnectAsync(cancellationToken);
            return;
        }

        if (silent < inactiveAfter)
        {
            await UploadLastAsync(silent, cancellationToken);
        }

        _radio.HasSignal = false;
        _ = Client.ConnectAsync(cancellationToken);
    }

    /// <summary>Lives on for so long, and offers the position.</summary>
    /// <returns>Whether it was sent, or kept to be sent.</returns>
    public async ValueTask<bool> StepAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        _person.Walker.Advance(time.TotalSeconds);
        _person.Battery.Advance(time);
        _radio.HasSignal = !IsAway;
        return !_person.Battery.IsEmpty && await OfferAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        _radio.Dispose();
    }

    /// <summary>
    /// The phone died a while ago: what it gathered in its last minute reached the system only now, and dates from then. The
    /// answer to it is a list; after that it is silent.
    /// </summary>
    private async Task UploadLastAsync(TimeSpan silent, CancellationToken cancellationToken)
    {
        var listed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Client.ListChanged += (_, change) => listed.TrySetResult();
        var died = Client.Now - (long)silent.TotalMilliseconds;
        for (var before = 60; before >= 0; before -= 20)
        {
            await Client.SendAsync(new(Position.Latitude, Position.Longitude, died - (before * 1000)), cancellationToken);
            Told = Position;
            _person.Walker.Advance(20);
        }

        await Client.ConnectAsync(cancellationToken);
        await listed.Task.WaitAsync(cancellationToken);
    }

    private async ValueTask<bool> OfferAsync(CancellationToken cancellationToken)
    {
        var location = new Location(Position.Latitude, Position.Longitude, Client.Now);
        if (_every is not { } every)
        {
            var due = await Client.ReportAsync(location, cancellationToken);
            Told = due ? Position : Told;
            return due;
        }

        if (_sent is { } sent)
        {
            var passed = location.Time - sent.Time;
            var inactiveAfter = Client.Welcome?.InactiveAfterMs ?? 600_000;
            if (passed < every.TotalMilliseconds || (sent.Spot.MetresTo(Position) < StillMetres && passed < inactiveAfter * PresentShare))
            {
                return false;
            }
        }

        _sent = (Position, location.Time);
        Told = Position;
        if (!await Client.SendAsync(location, cancellationToken))
        {
            lock (_held)
            {
                _held.Enqueue(location.Time);
                if (_held.Count > HeldTimes)
                {
                    _held.Dequeue();
                }
            }
        }

        return true;
    }
}
