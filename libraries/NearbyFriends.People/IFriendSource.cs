
namespace NearbyFriends.People;

/// <summary>What a gateway must know of a user to open a session.</summary>
/// <param name="Id">The user.</param>
/// <param name="DisplayName">As friends see it.</param>
/// <param name="Sharing">Whether the user shares its location.</param>
/// <param name="Locked">Whether an operator locked the account: no session may open.</param>
/// <param name="SharingVersion">Rises with every switch of <paramref name="Sharing"/>.</param>
/// <param name="FriendsVersion">Rises with every change that a gateway must learn of.</param>
/// <param name="Friends">The ids of all friends, ascending, at most 5,000.</param>
public sealed record UserFriends(
    long Id, string DisplayName, bool Sharing, bool Locked, long SharingVersion, long FriendsVersion, long[] Friends);

/// <summary>The versions of one user, by which a gateway notices that it missed a control entry.</summary>
public readonly record struct UserVersions(long UserId, bool Sharing, long SharingVersion, long FriendsVersion);

/// <summary>Where gateways read users and friendships: our database, or another team's HTTP API.</summary>
public interface IFriendSource
{
    /// <summary>The user with all friend ids, in one round trip; null when there is no such user.</summary>
    Task<UserFriends?> LoadAsync(long userId, CancellationToken cancellationToken);

    /// <summary>
    /// The user that a token's subject stands for; null when there is none. A subject issued by this system is the
    /// user's id; any other issuer's is looked up.
    /// </summary>
    Task<long?> FindBySubjectAsync(string subject, CancellationToken cancellationToken);

    /// <summary>The display names of these users, in one round trip; who does not exist is absent.</summary>
    Task<IReadOnlyDictionary<long, string>> DisplayNamesAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken);

    /// <summary>The versions of up to 1,000 users, in one round trip; who does not exist, or is locked, is absent.</summary>
    Task<IReadOnlyList<UserVersions>> VersionsAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken);
}
