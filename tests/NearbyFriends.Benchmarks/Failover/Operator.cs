using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NearbyFriends.Fanout;
using NearbyFriends.Fanout.Ring;
using NearbyFriends.ServiceDefaults.Servers;

namespace NearbyFriends.Benchmarks.Failover;

/// <summary>Changes the ring as an operator does; in a process that takes part in the ring like an Api, so that it has to follow, too.</summary>
internal sealed class Operator : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly IHost _host;

    private Operator(IHost host) => _host = host;

    private RingChanges Changes => _host.Services.GetRequiredService<RingChanges>();

    public static async Task<Operator> StartAsync(IEnumerable<(string Key, string Value)> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value, StringComparer.Ordinal));
        builder.AddPubSubServers();
        builder.Services.AddFanout("operator");
        var host = builder.Build();
        await host.StartAsync();
        return new(host);
    }

    /// <summary>Adds a server; returns when the change is in force.</summary>
    public Task AddAsync(string server) => ChangeAsync(cancellation => Changes.AddServerAsync(server, cancellation));

    /// <summary>Removes a server; returns when the change is in force.</summary>
    public Task RemoveAsync(string server) => ChangeAsync(cancellation => Changes.RemoveServerAsync(server, cancellation));

    /// <summary>Puts another server in a server's place; returns when the change is in force.</summary>
    public Task ReplaceAsync(string server, string by) => ChangeAsync(cancellation => Changes.ReplaceServerAsync(server, by, cancellation));

    /// <summary>Makes a server that was removed stand by again.</summary>
    public Task StandByAsync(string server) => ChangeAsync(cancellation => Changes.AddStandbyAsync(server, cancellation));

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private async Task ChangeAsync(Func<CancellationToken, Task<RingChange>> propose)
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            var change = await propose(deadline.Token);
            if (change.Outcome != RingChangeOutcome.Accepted)
            {
                throw new InvalidOperationException($"The ring was not changed: {change.Message}");
            }

            await Changes.InForceAsync(change.Epoch, deadline.Token);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"A change of the ring was not in force within {Patience.TotalSeconds} s.", e);
        }
    }
}
