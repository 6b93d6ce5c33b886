using Microsoft.AspNetCore.Http.Features;
using NearbyFriends.Core;

namespace NearbyFriends.Gateway.Transports;

/// <summary>The connection under a WebSocket: knows when the peer was last heard, and sends pings between the socket's frames.</summary>
/// <remarks>
/// A <see cref="System.Net.WebSockets.WebSocket"/> would keep itself alive, by a timer of its own that fires four times in each interval: with
/// thousands of sockets, a quarter of what a gateway's threads wake up for. Here one timer looks at all of them, and a peer that
/// sends is not pinged. A frame of the socket is one write, and Kestrel takes each write as a whole, so a ping is never inside a frame.
/// </remarks>
/// <param name="connection">The upgraded connection.</param>
/// <param name="clock">Tells how long the peer has been silent.</param>
public sealed class KeepAliveStream(Stream connection, TimeProvider clock) : Stream
{
    private static readonly byte[] Ping = [0x89, 0x00]; // RFC 6455, section 5.5.2: the only fragment of a ping, unmasked, without payload

    private long _heardAt = clock.MonotonicMilliseconds();
    private long _pingedAt = long.MinValue;
    private Action? _whenHeard;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Lets the WebSocket that this request becomes run over a <see cref="KeepAliveStream"/>. Before the WebSocket middleware.</summary>
    public static void PutUnder(HttpContext http, TimeProvider clock)
    {
        if (http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            http.Features.Set<IHttpUpgradeFeature>(new Upgrade(upgrade, clock));
        }

        if (http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            http.Features.Set<IHttpExtendedConnectFeature>(new ExtendedConnect(connect, clock));
        }
    }

    /// <summary>The one under the WebSocket that this request became; null if there is none.</summary>
    public static KeepAliveStream? Under(HttpContext http) =>
        (http.Features.Get<IHttpUpgradeFeature>() as Upgrade)?.Stream ?? (http.Features.Get<IHttpExtendedConnectFeature>() as ExtendedConnect)?.Stream;

    /// <summary>Pings a peer that has been silent for long.</summary>
    /// <param name="every">Milliseconds of silence before a ping.</param>
    /// <param name="timeout">Milliseconds that the peer has for its answer.</param>
    /// <returns>False if it did not answer in time.</returns>
    public bool Check(long every, long timeout)
    {
        var (now, heardAt) = (clock.MonotonicMilliseconds(), Volatile.Read(ref _heardAt));
        if (_pingedAt > heardAt)
        {
            return now - _pingedAt < timeout; // if this process stood still meanwhile, the peer was not asked yet
        }

        if (now - heardAt >= every)
        {
            _pingedAt = now;
            _ = PingAsync();
        }

        return true;
    }

    /// <summary>Pings the peer, and calls <paramref name="heard"/> once with the next bytes that come.</summary>
    /// <remarks>
    /// Those are the pong, before which the peer has received all that was written until now; or bytes that were under way already, which
    /// say at least that it was there a moment ago.
    /// </remarks>
    public void WhenHeard(Action heard)
    {
        Action? before;
        do
        {
            before = Volatile.Read(ref _whenHeard);
        }
        while (!ReferenceEquals(Interlocked.CompareExchange(ref _whenHeard, before + heard, before), before));

        _ = PingAsync();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await connection.ReadAsync(buffer, cancellationToken);
        Volatile.Write(ref _heardAt, clock.MonotonicMilliseconds());
        if (count > 0 && Volatile.Read(ref _whenHeard) is not null)
        {
            Interlocked.Exchange(ref _whenHeard, null)?.Invoke();
        }

        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        connection.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => connection.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            connection.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task PingAsync()
    {
        try
        {
            await connection.WriteAsync(Ping);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // the connection ended; who reads from it notices
        }
    }

    private sealed class Upgrade(IHttpUpgradeFeature upgrade, TimeProvider clock) : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => upgrade.IsUpgradableRequest;

        public KeepAliveStream? Stream { get; private set; }

        public async Task<Stream> UpgradeAsync() => Stream = new KeepAliveStream(await upgrade.UpgradeAsync(), clock);
    }

    private sealed class ExtendedConnect(IHttpExtendedConnectFeature connect, TimeProvider clock) : IHttpExtendedConnectFeature
    {
        public bool IsExtendedConnect => connect.IsExtendedConnect;

        public string? Protocol => connect.Protocol;

        public KeepAliveStream? Stream { get; private set; }

        public async ValueTask<Stream> AcceptAsync() => Stream = new KeepAliveStream(await connect.AcceptAsync(), clock);
    }
}
