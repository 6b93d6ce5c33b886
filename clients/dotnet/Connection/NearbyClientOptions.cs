namespace NearbyFriends.Client.Connection;

/// <summary>How a <see cref="NearbyClient"/> connects.</summary>
public sealed record NearbyClientOptions
{
    /// <summary>Base address of the gateway: http, https, ws or wss.</summary>
    public required Uri Gateway { get; init; }

    /// <summary>
    /// Gives an access token that is valid now. Called before every connection, and when four fifths of the life of a JWT are
    /// over, then again each 30 s while it throws; <c>refresh</c> says that the last one was refused or is near its end, so that a
    /// cached one will not do.
    /// </summary>
    public required Func<bool, CancellationToken, ValueTask<string>> AccessToken { get; init; }

    /// <summary>
    /// The least time between two locations of a device that moves (<see cref="NearbyClient.ReportAsync"/>) while the application is
    /// on screen; gateways take two a second. Null: as in the background, which saves battery.
    /// </summary>
    public TimeSpan? ScreenInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often updates may come; 0.5 to 30 s. Null: as the gateway does (2 s).</summary>
    public TimeSpan? Flush { get; init; }

    /// <summary>Radius in metres, 100 to the gateway's maximum (10 miles). Null: as the gateway does (5 miles).</summary>
    public int? RadiusMetres { get; init; }

    /// <summary>The longest wait before the first retry; doubles with every failure.</summary>
    public TimeSpan BackoffBase { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait of all. A session that lasted this long starts the doubling anew.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>An attempt to connect, or a wait for the gateway's welcome, that takes longer than this has failed.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// A ping goes out when nothing was heard for this long, and the connection is given up when the same time passes
    /// again without an answer. <see cref="Timeout.InfiniteTimeSpan"/>: never, which saves a timer each client.
    /// </summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How many locations are kept while offline; when full, the oldest gives way.</summary>
    public int OfflineCapacity { get; init; } = 1_000;

    /// <summary>
    /// The handler that connects; shared by all clients of the process unless one is given. The client does not
    /// dispose it.
    /// </summary>
    public HttpMessageInvoker? Invoker { get; init; }

    /// <summary>Clock of everything but the socket's own timeouts.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Randomness of the jitter.</summary>
    public Random Random { get; init; } = Random.Shared;
}
