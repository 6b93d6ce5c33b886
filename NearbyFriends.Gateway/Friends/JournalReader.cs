using Microsoft.Extensions.Options;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Telemetry;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.Friends;

/// <summary>
/// Reads the journal's tail every <see cref="FriendOptions.ReadChangesEvery"/>, one query for all users: the truth about who
/// shares and who is friends, whatever became of announcements and tombstones.
/// </summary>
/// <remarks>
/// It begins with the changes of the time that a location lives, so that nobody who hid within it is shown from the cache; until
/// then the gateway is not ready. While nobody can read the journal, nobody can change consent either, and everything else works.
/// A gateway that alone cannot read it for a minute drains: it no longer knows who hides. Most changes are read several times,
/// since each read goes back a little. That is no waste: a session that was being opened when its user's change was first
/// read may have loaded the state before it, and learns of it from the next read.
/// </remarks>
public sealed partial class JournalReader(
    IFriendSource source, FriendChanges changes, JournalProgress progress, JournalReaders readers, RecentlyHidden hidden,
    Standstill standstill, IOptions<FriendOptions> options, ILogger<JournalReader> logger) : BackgroundService
{
    private static readonly TimeSpan BeforeRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private bool _hasFailed; // the last read

    /// <summary>Reads once; whether it could. Never throws but for <paramref name="stopping"/>.</summary>
    public async Task<bool> ReadAsync(CancellationToken stopping)
    {
        var standstills = standstill.Count;
        var settles = _hasFailed;
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            deadline.CancelAfter(Patience);
            var tail = await source.ReadChangesAsync(progress.Cursor, hidden.Span, deadline.Token);
            foreach (var change in tail.Changes)
            {
                changes.Apply(change);
            }

            progress.Advance(tail);
            await readers.BeatAsync();
            (settles, _hasFailed) = (true, false);
            return true;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            _hasFailed = true;
            progress.Miss(othersRead: progress.IsOverdue && await readers.AnyAsync());
            if (progress.IsCutOff)
            {
                LogCutOff(e.Message);
            }
            else
            {
                LogFailed(e.Message);
            }

            return false;
        }
        finally
        {
            if (settles)
            {
                standstill.Settle(standstills);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        GatewayTelemetry.Meter.CreateObservableGauge(
            "nearbyfriends.journal.age", () => progress.Age.TotalSeconds, "s", "Since the journal was read last.");
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = await ReadAsync(stoppingToken) ? options.Value.ReadChangesEvery : BeforeRetry;
            await standstill.WaitAsync(pause, stoppingToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The journal could not be read; changes of friends and sharing wait for the next attempt: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(LogLevel.Error, "This gateway cannot read the journal though others can; it drains: {Reason}")]
    private partial void LogCutOff(string reason);
}
