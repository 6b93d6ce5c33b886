using Microsoft.Extensions.Options;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.Gateway.Draining;

/// <summary>
/// Sends the clients of a stopping gateway elsewhere: each is told to reconnect after a moment of its own, so that
/// they do not all arrive at once, and closed with 1012.
/// </summary>
public sealed class Drain(SessionRegistry sessions, IOptions<GatewayOptions> options, TimeProvider clock) : IHostedLifecycleService
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether new sessions are refused.</summary>
    public bool IsDraining { get; private set; }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        IsDraining = true;
        var open = sessions.All.ToArray();
        var steps = Math.Max(1, (int)(options.Value.DrainTime / Step));
        var closing = new List<Task>();
        foreach (var batch in open.Chunk(Math.Max(1, (open.Length + steps - 1) / steps)))
        {
            foreach (var session in batch)
            {
                session.Send(session.Format.Reconnect(Random.Shared.Next(100, 2_000)));
                closing.Add(session.CloseAsync(CloseCodes.ServiceRestart, "The gateway restarts."));
            }

            if (closing.Count < open.Length && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Step, clock, CancellationToken.None);
            }
        }

        await Task.WhenAll(closing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
