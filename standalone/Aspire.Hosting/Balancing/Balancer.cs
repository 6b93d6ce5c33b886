using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Standalone;

/// <summary>
/// One port for all replicas of a resource. A connection goes to the healthy replica that has the fewest, and stays there; bytes
/// pass through as they are. Each connection takes two file descriptors, and no memory for bytes while it is idle.
/// </summary>
sealed class Balancer : IAsyncDisposable
{
    /// <summary>File descriptors left to the rest of this process.</summary>
    const int Reserve = 256;

    static readonly TimeSpan BetweenComplaints = TimeSpan.FromSeconds(5);

    readonly string name;
    readonly string endpoint;
    readonly ILogger log;
    readonly List<Backend> backends;
    readonly List<Socket> listeners = [];
    readonly List<Task> accepting;
    readonly CancellationTokenSource stopping = new();
    readonly int limit;

    int open;
    long balanced;
    long refused;
    long complained;

    public Balancer(string name, int port, IEnumerable<Instance> instances, string endpoint, ILogger log)
    {
        (this.name, this.endpoint, this.log) = (name, endpoint, log);
        backends = [.. instances.Select(instance => new Backend(instance))];
        limit = (FileDescriptors.Limit() - Reserve) / 2;
        Listen(IPAddress.Loopback, port);
        if (Socket.OSSupportsIPv6) TryListen(IPAddress.IPv6Loopback, port);
        accepting = [.. listeners.Select(Accept)];
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listeners.ForEach(listener => listener.Dispose());
        await Task.WhenAll(accepting);
        if (balanced > 0) log.LogInformation("{Name}: {Balanced} connections were balanced, {Refused} refused.", name, balanced, refused);
    }

    void Listen(IPAddress address, int port)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(address, port));
        listener.Listen(4096);
        listeners.Add(listener);
    }

    void TryListen(IPAddress address, int port)
    {
        try
        {
            Listen(address, port);
        }
        catch (SocketException)
        {
            // No IPv6 on loopback here; "localhost" falls back to IPv4.
        }
    }

    async Task Accept(Socket listener)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptAsync(stopping.Token);
                _ = Serve(client);
            }
            catch (SocketException failure) when (!stopping.IsCancellationRequested)
            {
                // Out of descriptors, mostly. What waits in the queue is taken as soon as one is free.
                Complain($"cannot accept: {failure.Message} ({Volatile.Read(ref open)} connections are open)");
                await Task.Delay(100).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    async Task Serve(Socket client)
    {
        using var accepted = client;
        if (Interlocked.Increment(ref open) > limit)
        {
            Refuse($"full: {limit} connections are all that this process has file descriptors for; replicas can be dialled directly");
            Interlocked.Decrement(ref open);
            return;
        }

        try
        {
            var (backend, server) = await Connect();
            if (server is null) return;

            using (server)
            {
                client.NoDelay = server.NoDelay = true;
                Interlocked.Increment(ref balanced);
                await Task.WhenAll(Pump.Copy(client, server), Pump.Copy(server, client));
            }

            Interlocked.Decrement(ref backend!.Open);
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }

    /// <summary>The least busy replica that takes the connection: the healthy first, but one that merely runs is better than none.</summary>
    async Task<(Backend? Backend, Socket? Server)> Connect()
    {
        var candidates = backends.Where(backend => backend.Instance.IsRunning)
            .OrderByDescending(backend => backend.Instance.IsHealthy)
            .ThenBy(backend => Volatile.Read(ref backend.Open));
        string? problem = null;
        foreach (var backend in candidates.ToList())
        {
            Interlocked.Increment(ref backend.Open);
            var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, backend.Instance.Port(endpoint), stopping.Token);
                return (backend, server);
            }
            catch (Exception failure) when (failure is SocketException or OperationCanceledException)
            {
                server.Dispose();
                Interlocked.Decrement(ref backend.Open);
                problem = $"{backend.Instance.Id} refuses a connection: {failure.Message}";
            }
        }

        Refuse(problem ?? "no replica is running");
        return (null, null);
    }

    void Refuse(string reason)
    {
        Interlocked.Increment(ref refused);
        Complain(reason);
    }

    void Complain(string reason)
    {
        var last = Volatile.Read(ref complained);
        var soon = last != 0 && TimeProvider.System.GetElapsedTime(last) < BetweenComplaints;
        if (soon || stopping.IsCancellationRequested) return;

        if (Interlocked.CompareExchange(ref complained, TimeProvider.System.GetTimestamp(), last) == last)
            log.LogWarning("{Name}: the balanced port is {Reason}. {Refused} refused so far.", name, reason, Volatile.Read(ref refused));
    }

    sealed class Backend(Instance instance)
    {
        public int Open;

        public Instance Instance => instance;
    }
}
