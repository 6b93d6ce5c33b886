using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace NearbyFriends.BrowserTests;

/// <summary>
/// One address for several gateways, as a load balancer gives in production: each connection goes to the next gateway that
/// accepts it. It can be cut, which is what being offline looks like from a browser.
/// </summary>
internal sealed class Balancer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, byte> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<Uri> _servers;
    private readonly Task _accepting;
    private volatile bool _isCut;
    private int _next;

    public Balancer(IReadOnlyList<Uri> servers)
    {
        _servers = servers;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>Whether nothing gets through; connections that are open break.</summary>
    public bool IsCut
    {
        get => _isCut;
        set
        {
            _isCut = value;
            if (value)
            {
                foreach (var connection in _connections.Keys)
                {
                    connection.Dispose();
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        IsCut = true;
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = IsCut ? null : await ConnectAsync();
        using (client)
        {
            if (server is null)
            {
                return;
            }

            _connections[client] = _connections[server] = 0;
            try
            {
                client.NoDelay = server.NoDelay = true;
                if (!IsCut)
                {
                    await Task.WhenAny(
                        client.GetStream().CopyToAsync(server.GetStream(), _stop.Token), server.GetStream().CopyToAsync(client.GetStream(), _stop.Token));
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // Cut in this moment.
            }
            finally
            {
                _connections.TryRemove(client, out _);
                _connections.TryRemove(server, out _);
            }
        }
    }

    private async Task<TcpClient?> ConnectAsync()
    {
        foreach (var _ in _servers)
        {
            var address = _servers[Interlocked.Increment(ref _next) % _servers.Count];
            var server = new TcpClient();
            try
            {
                await server.ConnectAsync(address.Host, address.Port, _stop.Token);
                return server;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                server.Dispose();
            }
        }

        return null;
    }
}
