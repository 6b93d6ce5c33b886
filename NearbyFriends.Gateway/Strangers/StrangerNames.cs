using NearbyFriends.People;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>Reads the names of strangers who are about to be shown; the map keeps them.</summary>
public sealed partial class StrangerNames(StrangerMap map, IFriendSource people, ILogger<StrangerNames> logger)
{
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
            LogUnavailable(e.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Strangers' names could not be read; they appear after the next successful read: {Reason}")]
    private partial void LogUnavailable(string reason);
}
