using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace NearbyFriends.Fanout.Actors;

/// <summary>Has this silo's actors move before it stops.</summary>
/// <remarks>
/// All members are told that nothing belongs here any more. Gateways then renew what they watch at the next owners, whose calls reach
/// the actors here and send them there; frames go the same way. When none is left that anybody watches, and what they had to send has
/// left, the silo stops and nobody misses it. If that takes too long, it stops all the same: who watched the rest watches anew.
/// </remarks>
internal sealed partial class ActorLeave(
    ActorSilos silos, ActorPostClient posts, ActorCensus census, Outboxes outboxes, TimeProvider clock, ILogger<ActorLeave> logger) : IHostedService
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        silos.Leave(silos.Local);
        if (silos.Owners.Value.Silos.Count == 0)
        {
            return; // the last
        }

        var began = clock.GetTimestamp();
        try
        {
            await Task.WhenAll(silos.Members.Select(member => posts.Of(member).LeaveAsync(silos.Local))).WaitAsync(Longest, clock, cancellationToken);
            while (census.Watched > 0 || !outboxes.AreEmpty)
            {
                await Task.Delay(LookAgain, clock, cancellationToken);
                if (clock.GetElapsedTime(began) > Longest)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or OperationCanceledException)
        {
            LogHurried(e.Message);
        }

        LogLeft(clock.GetElapsedTime(began).TotalSeconds, census.Watched);
    }

    [LoggerMessage(LogLevel.Warning, "Not every silo could be told that this silo is stopping: {Reason}")]
    private partial void LogHurried(string reason);

    [LoggerMessage(LogLevel.Information, "Actors moved to other silos within {Seconds:0.0} s; {Left} stayed.")]
    private partial void LogLeft(double seconds, int left);
}
