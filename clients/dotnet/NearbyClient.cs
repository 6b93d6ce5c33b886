using System.Net.WebSockets;
using System.Text.Json.Serialization.Metadata;
using NearbyFriends.Client.Connection;
using NearbyFriends.Client.Lists;
using NearbyFriends.Client.Locations;
using NearbyFriends.Client.Wire;

namespace NearbyFriends.Client;

/// <summary>
/// A user's live connection: locations out, the list of nearby friends in. It reconnects by itself, keeps what was
/// gathered offline, and stops only when trying again cannot help.
/// </summary>
/// <example>
/// <code>
/// await using var client = new NearbyClient(new() { Gateway = gateway, AccessToken = (_, ct) => tokens.GetAsync(ct) });
/// client.FriendMoved += (_, moved) => Console.WriteLine($"{moved.Friend.Name}: {moved.Friend.Distance:0} m");
/// await client.ConnectAsync();
/// await client.SendAsync(new(37.7749, -122.4194, client.Now));
/// </code>
/// </example>
/// <remarks>
/// Events are raised one at a time, in the order in which things happened, on the thread that learned of them; a handler
/// must not block. An exception thrown by a handler breaks the connection, and is the <c>Cause</c> of
/// <see cref="Reconnecting"/>. A client costs no thread and no timer of its own (but see
/// <see cref="NearbyClientOptions.KeepAlive"/>), and about 25 KB with forty friends in its list.
/// </remarks>
public sealed partial class NearbyClient : IAsyncDisposable
{
    private readonly NearbyClientOptions _options;
    private readonly Lock _gate = new();
    private readonly List<ListChange> _changes = [];
    private readonly List<ListChanges> _readers = [];
    private long _clockOffset;
    private bool _telling;
    private bool _sharing = true;
    private int _strangersRadius;
    private long? _followAgainAt; // by the gateway's clock

    /// <summary>A client that is not connected yet.</summary>
    public NearbyClient(NearbyClientOptions options)
    {
        _options = options;
        _offline = new(options.OfflineCapacity, LocationItem.BytesOf);
        _sent = new(options.Clock);
        _flush = options.Flush;
        _radius = options.RadiusMetres;
        List = new(_gate, () => Now);
    }

#pragma warning disable MA0046 // The arguments are readonly structs: thousands of clients in one process allocate nothing for them.

    /// <summary>Connected, the first time and after every break.</summary>
    public event EventHandler<Welcome>? Connected;

    /// <summary>The connection is gone and will be tried again.</summary>
    public event EventHandler<Reconnecting>? Reconnecting;

    /// <summary>Every change of <see cref="List"/>.</summary>
    public event EventHandler<ListChange>? ListChanged;

    /// <summary>A friend moved or came into the list one by one (not with page 1: <see cref="ListChangeKind.Replaced"/>).</summary>
    public event EventHandler<FriendMoved>? FriendMoved;

    /// <summary>A friend left the list.</summary>
    public event EventHandler<FriendLeft>? FriendLeft;

    /// <summary><see cref="Strangers"/> changed.</summary>
    public event EventHandler<StrangerList>? StrangersChanged;

    /// <summary>Somebody became a friend.</summary>
    public event EventHandler<FriendAdded>? FriendAdded;

    /// <summary>One ended a friendship.</summary>
    public event EventHandler<FriendRemoved>? FriendRemoved;

    /// <summary>A friend request came, was sent, or is asked no more.</summary>
    public event EventHandler<FriendRequestChanged>? FriendRequestChanged;

    /// <summary>A friend came near, as one wished to be told (<see cref="Rest.NearbyApi.SetAlertAsync"/>).</summary>
    public event EventHandler<Alerted>? Alerted;

    /// <summary>One switched sharing, or its end; or the end came.</summary>
    public event EventHandler<SharingChanged>? SharingChanged;

    /// <summary>One shows a friend more or less of one's location.</summary>
    public event EventHandler<VisibilityChanged>? VisibilityChanged;

    /// <summary>The gateway refused a message.</summary>
    public event EventHandler<GatewayError>? Error;

#pragma warning restore MA0046

    /// <summary>The live list.</summary>
    public NearbyList List { get; }

    /// <summary>The strangers nearby; nobody until <see cref="ShowStrangersAsync"/>.</summary>
    public StrangerList Strangers { get; } = new();

    /// <summary>How the gateway treats the session; null before the first connection.</summary>
    public Welcome? Welcome { get; private set; }

    /// <summary>Whether the user shares its location, as far as the client was told; true before the first connection.</summary>
    public bool IsSharing => _sharing;

    /// <summary>Whether there is a connection now.</summary>
    public bool IsConnected => _ready is not null;

    /// <summary>The gateway's clock as far as the client knows it: Unix milliseconds UTC, for <see cref="Location.Time"/>.</summary>
    public long Now => UnixNow + Interlocked.Read(ref _clockOffset);

    /// <summary>This machine's clock.</summary>
    private long UnixNow => _options.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Stops the pushes while the application is not on screen; locations still go out. Survives a reconnect.</summary>
    public async ValueTask EnterBackgroundAsync(CancellationToken cancellationToken = default)
    {
        SetBackground(true);
        await TrySendAsync(new PlainMessage("background"), WireJson.Default.PlainMessage, cancellationToken);
    }

    /// <summary>Back on screen: the gateway answers with a new list.</summary>
    public async ValueTask EnterForegroundAsync(CancellationToken cancellationToken = default)
    {
        SetBackground(false);
        await TrySendAsync(new PlainMessage("foreground"), WireJson.Default.PlainMessage, cancellationToken);
    }

    /// <summary>Changes the radius; 100 m to the gateway's maximum, else <see cref="Error"/> says <c>invalid_radius</c>.</summary>
    public async ValueTask SetRadiusAsync(int metres, CancellationToken cancellationToken = default)
    {
        _radius = metres;
        await TrySendAsync(new RadiusMessage(metres), WireJson.Default.RadiusMessage, cancellationToken);
    }

    /// <summary>
    /// Shows strangers within a radius, and follows them; survives a reconnect. The user must let strangers see it
    /// (<see cref="Rest.UserChange.Strangers"/>), else <see cref="Error"/> says <c>not_sharing</c>.
    /// </summary>
    /// <param name="radiusMetres">100 to 5,000, else <see cref="Error"/> says <c>invalid_radius</c>; 0 ends it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask ShowStrangersAsync(int radiusMetres, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _strangersRadius = radiusMetres;
            if (radiusMetres == 0)
            {
                ClearStrangers();
            }
        }

        await TrySendAsync(new ShowStrangersMessage(radiusMetres), WireJson.Default.ShowStrangersMessage, cancellationToken);
    }

    /// <summary>Changes how often updates may come; 0.5 to 30 s, else <see cref="Error"/> says <c>invalid_pace</c>.</summary>
    public async ValueTask SetFlushAsync(TimeSpan every, CancellationToken cancellationToken = default)
    {
        _flush = every;
        await TrySendAsync(new PaceMessage((int)every.TotalMilliseconds), WireJson.Default.PaceMessage, cancellationToken);
    }

    /// <summary>
    /// Gives the session its next access token. The client does so by itself where the token is a JWT; for other tokens, the
    /// application does, or the session ends with its token and the next one begins with a fresh one.
    /// </summary>
    public async ValueTask RenewTokenAsync(string accessToken, CancellationToken cancellationToken = default) =>
        await TrySendAsync(new TokenMessage(accessToken), WireJson.Default.TokenMessage, cancellationToken);

    /// <summary>
    /// The changes of the list from now on, for one reader; it ends when the client stops. A reader that falls behind by
    /// 1,000 changes finds one <see cref="ListChangeKind.Replaced"/> instead and should read <see cref="List"/> anew.
    /// </summary>
    public IAsyncEnumerable<ListChange> Changes(CancellationToken cancellationToken = default)
    {
        var reader = new ListChanges();
        lock (_gate)
        {
            _readers.Add(reader);
            if (Completion.IsCompleted)
            {
                reader.Complete();
            }
        }

        return ReadAsync();

        async IAsyncEnumerable<ListChange> ReadAsync()
        {
            try
            {
                await foreach (var change in reader.ReadAsync(cancellationToken))
                {
                    yield return change;
                }
            }
            finally
            {
                lock (_gate)
                {
                    _readers.Remove(reader);
                }
            }
        }
    }

    /// <summary>Once a second, from <see cref="Pulse"/>.</summary>
    private void OnPulse()
    {
        try
        {
            lock (_gate)
            {
                List.Expire(_changes);
                TellChanges();
            }

            if (HereIfDue() is { } here)
            {
                _ = SendAsync(here).AsTask();
            }

            RenewTokenIfDue();
            if (_followAgainAt <= Now)
            {
                _followAgainAt = null;
                _ = TrySendAsync(Follow, WireJson.Default.PlainMessage, CancellationToken.None).AsTask();
            }
        }
        catch (Exception)
        {
            // A handler threw: the connection breaks, as it does when one throws on a message.
            _ready?.Abort();
        }
    }

    /// <summary>Tells what has collected in <c>_changes</c>; the caller holds the gate.</summary>
    private void TellChanges()
    {
        if (_telling)
        {
            return; // a handler sent a location; the loop below is on the stack and comes to its changes, too
        }

        _telling = true;
        try
        {
            for (var i = 0; i < _changes.Count; i++)
            {
                Tell(_changes[i]);
            }
        }
        finally
        {
            _changes.Clear();
            _telling = false;
        }
    }

    private void Tell(in ListChange change)
    {
        foreach (var reader in _readers)
        {
            reader.Write(change);
        }

        ListChanged?.Invoke(this, change);
        if (change.Kind is ListChangeKind.Added or ListChangeKind.Moved)
        {
            FriendMoved?.Invoke(
                this, new(change.Friend, change.Kind == ListChangeKind.Added, change.IsNews, change.ReportedDistance ?? change.Friend.Distance));
        }
        else if (change.Kind == ListChangeKind.Left)
        {
            FriendLeft?.Invoke(this, new(change.Friend, change.Reason ?? LeaveReason.Gone));
        }
    }

    private async ValueTask<bool> TrySendAsync<T>(T message, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        return _ready is { } socket && await TrySendAsync(socket, message, type, cancellationToken);
    }

    private static async ValueTask<bool> TrySendAsync<T>(
        GatewaySocket socket, T message, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            await socket.SendAsync(message, type, cancellationToken);
            return true;
        }
        catch (WebSocketException)
        {
            return false; // the receiving side notices, too, and reconnects
        }
    }
}
