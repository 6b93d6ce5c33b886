using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Gateway.Protocol;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>Ends sessions whose token expired and was not renewed, or whose socket takes nothing any more; keeps others alive, and lets them rest.</summary>
public sealed class SessionSweeper(SessionRegistry sessions, IOptions<GatewayOptions> options, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestAfter = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = clock.UnixMilliseconds();
            var stuckSince = clock.MonotonicMilliseconds() - (long)options.Value.SendTimeout.TotalMilliseconds;
            foreach (var session in sessions.All)
            {
                if (session.IsStuck(stuckSince))
                {
                    _ = session.CloseAsync(CloseCodes.TooSlow, "The connection does not take messages.");
                }
                else if (session.TokenExpiresAt <= now)
                {
                    _ = session.CloseAsync(CloseCodes.TokenExpired, "The access token expired.");
                }
                else
                {
                    session.KeepAlive();
                    session.EndVisibilities();
                    session.Rest(now - (long)RestAfter.TotalMilliseconds);
                }
            }
        }
    }
}
