using NearbyFriends.Api.Changes;
using NearbyFriends.Core;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.Friends;

/// <summary>The list of a user's friends, what each of them sees, and ending a friendship.</summary>
public sealed class Friendships(
    [FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database, FriendDatabase people, ChangeAnnouncer announcer, TimeProvider clock)
{
    /// <summary>Friends by id.</summary>
    /// <param name="user">Whose friends.</param>
    /// <param name="after">The last id of the page before; 0 for the first page.</param>
    /// <param name="limit">The most that are returned.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<ListedUser>> ListAsync(long user, long after, int limit, CancellationToken cancellationToken) =>
        ListedUser.ReadAsync(
            database, people,
            "select friend_id, since, shows from friendships where user_id = $1 and friend_id > $2 order by friend_id limit $3",
            user, after, limit, cancellationToken);

    /// <summary>The user shows a friend more or less of its location; with an end, what now holds without one comes back then.</summary>
    /// <returns>False when they are no friends.</returns>
    public async Task<bool> ShowAsync(long user, long friend, Visibility shows, long until, CancellationToken cancellationToken)
    {
        await using var between = await Relationship.LockAsync(database, user, friend, cancellationToken);
        if (between?.Shows is not { } before)
        {
            return false;
        }

        var now = clock.UnixMilliseconds();
        var after = (before.HasEnded(now) ? new(before.Afterwards) : before).ChangeTo(shows, until);
        if (after != before)
        {
            between.Show(after);
            await between.CommitAsync(announcer);
        }

        return true;
    }

    /// <summary>Ends the friendship; does nothing when there is none.</summary>
    public async Task RemoveAsync(long user, long friend, CancellationToken cancellationToken)
    {
        await using var between = await Relationship.LockAsync(database, user, friend, cancellationToken);
        if (between is not { AreFriends: true })
        {
            return;
        }

        between.Unfriend();
        await between.CommitAsync(announcer);
    }
}
