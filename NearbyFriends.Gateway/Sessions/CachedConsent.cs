using NearbyFriends.LocationCache;
using NearbyFriends.People;


namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// Looks up who still shares, where the location cache may have missed that a user hid: its server was away, or a
/// replica took its place and the last writes, a tombstone among them, were lost with the old one.
/// </summary>
/// <remarks>
/// One query for each 1,000 such users, and none while the cache can be trusted. Users who share are shown; who cannot be
/// looked up is not shown, until their next update comes from a gateway that knows them.
/// </remarks>
public sealed partial class CachedConsent(WatchIndex index, IFriendSource friends, ILogger<CachedConsent> logger)
{
    private const int BatchSize = 1000;

    /// <summary>What must be known of these users besides what the cache said of them. Never throws.</summary>
    public async Task<Consents> LookUpAsync(IReadOnlyList<long> userIds, CachedLocations cached)
    {
        var doubtful = new List<long>();
        for (var i = 0; i < cached.Count; i++)
        {
            if (cached.IsDoubtful(i) && MayShowHidden(userIds[i], cached[i]))
            {
                doubtful.Add(userIds[i]);
            }
        }

        if (doubtful.Count == 0)
        {
            return Consents.NotNeeded;
        }

        CacheTelemetry.Confirmed.Add(doubtful.Count);
        try
        {
            var found = new List<UserVersions>(doubtful.Count);
            foreach (var batch in doubtful.Chunk(BatchSize))
            {
                found.AddRange(await friends.VersionsAsync(batch, CancellationToken.None));
            }

            return new Consents(doubtful, found, areComplete: true);
        }
        catch (Exception e)
        {
            LogFailed(e);
            return new Consents(doubtful, [], areComplete: false);
        }
    }

    // A location in the cache, or one that this gateway holds on to though the cache has none any more.
    private bool MayShowHidden(long userId, CachedLocation? entry) =>
        entry is { } cached ? cached.Location is not null : index.FindHeardOf(userId)?.Read().HasLocation == true;

    [LoggerMessage(LogLevel.Warning, "Cached locations could not be confirmed; their users are not shown until their next update.")]
    private partial void LogFailed(Exception exception);
}

/// <summary>The consent of users whose cached locations were in doubt.</summary>
public sealed class Consents(IReadOnlyCollection<long> inDoubt, IReadOnlyCollection<UserVersions> found, bool areComplete)
{
    /// <summary>Nothing was in doubt.</summary>
    public static readonly Consents NotNeeded = new([], [], areComplete: true);

    private readonly HashSet<long> _inDoubt = [.. inDoubt];
    private readonly Dictionary<long, UserVersions> _found = found.ToDictionary(user => user.UserId);

    /// <summary>Whether all of them could be looked up.</summary>
    public bool AreComplete => areComplete;

    /// <summary>What was found of a user; null when there was no doubt, or nothing was found.</summary>
    public UserVersions? Of(long userId) => _found.TryGetValue(userId, out var user) ? user : null;

    /// <summary>Whether a location of this sharing version may be shown.</summary>
    public bool Allow(long userId, long sharingVersion) =>
        !_inDoubt.Contains(userId) || (Of(userId) is { Sharing: true } user && user.SharingVersion == sharingVersion);
}
