using Microsoft.Extensions.Options;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// Heals lost control entries: compares the versions of all users with open sessions against the friend source, in
/// batches spread over <see cref="GatewayOptions.CompareVersionsEvery"/>, never one query a session.
/// </summary>
public sealed partial class VersionComparison(
    SessionRegistry sessions, FriendChanges friendChanges, IFriendSource friends, IOptions<GatewayOptions> options, TimeProvider clock,
    ILogger<VersionComparison> logger) : BackgroundService
{
    private const int BatchSize = 1000;

    /// <summary>Turns of a round. A session's turn is always the same, so that however many come and go, none waits longer than a round.</summary>
    private const int Turns = 32;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.CompareVersionsEvery / Turns, clock);
        for (var turn = 0; await timer.WaitForNextTickAsync(stoppingToken); turn = (turn + 1) % Turns)
        {
            foreach (var batch in sessions.All.Where(session => (uint)session.GetHashCode() % Turns == turn).Chunk(BatchSize))
            {
                await CompareAsync(batch, stoppingToken);
            }
        }
    }

    private async Task CompareAsync(Session[] batch, CancellationToken cancellationToken)
    {
        try
        {
            var versions = (await friends.VersionsAsync(batch.Select(s => s.UserId).Distinct().ToList(), cancellationToken))
                .ToDictionary(v => v.UserId);
            foreach (var session in batch)
            {
                if (!versions.TryGetValue(session.UserId, out var current)
                    || current.FriendsVersion != session.FriendsVersion
                    || current.SharingVersion != session.Own.Read().SharingVersion)
                {
                    await friendChanges.RefreshAsync(session);
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Users' versions could not be compared; the next round tries again.")]
    private partial void LogFailed(Exception exception);
}
