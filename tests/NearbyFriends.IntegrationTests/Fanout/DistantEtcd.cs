using System.Net;
using System.Net.Sockets;

namespace NearbyFriends.IntegrationTests.Fanout;

/// <summary>An etcd as a process far away sees it: what it says arrives late.</summary>
public sealed class DistantEtcd : IAsyncDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(250);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _etcd;
    private readonly Task _accepting;

    public DistantEtcd(string url)
    {
        _etcd = new Uri(url);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ConnectAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ConnectAsync(TcpClient process)
    {
        using var near = process;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(_etcd.Host, _etcd.Port, _stop.Token);
            await Task.WhenAny(CopyAsync(near, far, TimeSpan.Zero), CopyAsync(far, near, Delay));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // one end is gone, and with it the other
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, TimeSpan delay)
    {
        var buffer = new byte[64 * 1024];
        while (await from.GetStream().ReadAsync(buffer, _stop.Token) is > 0 and var count)
        {
            await Task.Delay(delay, _stop.Token);
            await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _stop.Token);
        }
    }
}
