using NearbyFriends.Core;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>Reads the names of strangers who are about to be shown; the map keeps them.</summary>
public sealed partial class StrangerNames(StrangerMap map, IFriendSource people, TimeProvider clock, ILogger<StrangerNames> logger)
{
    private readonly LogThrottle _failures = new(clock);

    /// <summary>When it ends, these people have their names on the map, or the source is unavailable, which the log says.</summary>
    public async Task ReadAsync(IReadOnlyCollection<long> userIds)
    {
        try
        {
            var names = await people.DisplayNamesAsync(userIds, CancellationToken.None);
            map.Name([.. userIds.Select(userId => KeyValuePair.Create(userId, (string?)names.GetValueOrDefault(userId, "")))]);
        }
        catch (Exception e)
        {
            if (_failures.Add() is > 0 and var count)
            {
                LogUnavailable(e, count);
            }
        }
    }

    [LoggerMessage(
        LogLevel.Warning, "Strangers' names could not be read ({Count} times since the last such line); they appear after the next successful read.")]
    private partial void LogUnavailable(Exception exception, int count);
}
