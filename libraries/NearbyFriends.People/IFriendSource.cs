using System.Collections.ObjectModel;
using NearbyFriends.Core;

namespace NearbyFriends.People;

/// <summary>What a gateway must know of a user to open a session.</summary>
/// <param name="Id">The user.</param>
/// <param name="DisplayName">As friends see it.</param>
/// <param name="Sharing">Whether the user shares its location, how long, and at which version.</param>
/// <param name="Locked">Whether an operator locked the account: no session may open.</param>
/// <param name="FriendsVersion">Rises by one with every change of kind friend or name.</param>
/// <param name="Friends">The ids of all friends, ascending, at most 5,000.</param>
public sealed record UserFriends(
    long Id, string DisplayName, UserSharing Sharing, bool Locked, long FriendsVersion, long[] Friends)
{
    /// <summary>What friends show this user, of those who do not simply show all.</summary>
    public IReadOnlyDictionary<long, FriendVisibility> Sees { get; init; } = ReadOnlyDictionary<long, FriendVisibility>.Empty;

    /// <summary>Of which friends this user is told when they come near; <see cref="AlertRule.Anyone"/> for all who are not named.</summary>
    public IReadOnlyDictionary<long, AlertRule> Alerts { get; init; } = ReadOnlyDictionary<long, AlertRule>.Empty;
}

/// <summary>Whether a user shares its location.</summary>
/// <param name="IsOn">Whether it does, until its end if it has one.</param>
/// <param name="Version">Rises with every switch, and with every change of the end.</param>
/// <param name="Since">
/// Unix milliseconds at which it began again: points dated before are neither shown nor kept. 0 for a user who has shared since
/// its registration.
/// </param>
/// <param name="Until">Unix milliseconds at which it ends by itself; 0 for no end.</param>
/// <param name="StrangersVersion">Version of the user's consent to be seen by strangers; 0 while there is none. Rises with every switch.</param>
public readonly record struct UserSharing(bool IsOn, long Version, long Since, long Until = 0, long StrangersVersion = 0)
{
    /// <summary>Whether the user shares at <paramref name="now"/> (Unix milliseconds).</summary>
    public bool IsOnAt(long now) => IsOn && (Until == 0 || now < Until);
}

/// <summary>The end of the journal.</summary>
/// <param name="Changes">Of one user in the order of its versions; some may have been read before.</param>
/// <param name="Cursor">Where to continue; null while the journal is empty. Opaque.</param>
public sealed record JournalTail(IReadOnlyList<Change> Changes, string? Cursor);

/// <summary>Where gateways read users and friendships: our database, or another team's HTTP API.</summary>
public interface IFriendSource
{
    /// <summary>The user with all friend ids, in one round trip; null when there is no such user.</summary>
    Task<UserFriends?> LoadAsync(long userId, CancellationToken cancellationToken);

    /// <summary>The same for several users, in their order; in one round trip where the source can.</summary>
    async Task<UserFriends?[]> LoadAsync(IReadOnlyList<long> userIds, CancellationToken cancellationToken) =>
        await Task.WhenAll(userIds.Select(userId => LoadAsync(userId, cancellationToken)));

    /// <summary>Whether a user shares; null when there is no such user, or it is locked.</summary>
    Task<UserSharing?> FindSharingAsync(long userId, CancellationToken cancellationToken);

    /// <summary>Whom the user blocked, and who blocked the user: neither sees the other, as a stranger either.</summary>
    Task<long[]> LoadBlocksAsync(long userId, CancellationToken cancellationToken);

    /// <summary>
    /// The user that a token's subject stands for; null when there is none. A subject issued by this system is the
    /// user's id; any other issuer's is looked up.
    /// </summary>
    Task<long?> FindBySubjectAsync(string subject, CancellationToken cancellationToken);

    /// <summary>The user whose device has this password; null when there is none, or the user is locked.</summary>
    /// <param name="userName">The user's name, in any case.</param>
    /// <param name="password">Of one of the user's devices.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<long?> FindByDeviceAsync(string userName, string password, CancellationToken cancellationToken);

    /// <summary>The display names of these users, in one round trip; who does not exist is absent.</summary>
    Task<IReadOnlyDictionary<long, string>> DisplayNamesAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken);

    /// <summary>
    /// Every change of every user since <paramref name="cursor"/>, and again those before it that may have become visible late.
    /// </summary>
    /// <param name="cursor">Of the answer before; null for the changes of <paramref name="last"/>.</param>
    /// <param name="last">How far back to begin without a cursor; up to two days.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<JournalTail> ReadChangesAsync(string? cursor, TimeSpan last, CancellationToken cancellationToken);
}
