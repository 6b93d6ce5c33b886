using NearbyFriends.Core;
using NearbyFriends.LocationCache.Notices;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.Notices;

/// <summary>Whether a notice still holds at the moment at which it is sent, asked of the database: it may have waited, and consent may have changed.</summary>
public sealed class NoticeConsent([FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database, FriendDatabase people, TimeProvider clock)
{
    /// <summary>Of an alert: both share and are friends, and the friend shows its exact position. Of a friend request: it waits for its answer.</summary>
    /// <exception cref="NpgsqlException">The database is unavailable.</exception>
    public Task<bool> HoldsAsync(Notice notice, CancellationToken cancellationToken) => notice.Kind == NoticeKind.Alert
        ? MayBeToldAsync(notice, cancellationToken)
        : IsPendingAsync(notice, cancellationToken);

    private async Task<bool> MayBeToldAsync(Notice notice, CancellationToken cancellationToken)
    {
        var now = clock.UnixMilliseconds();
        await using var command = database.Command("select sees from friendships where user_id = $1 and friend_id = $2", notice.UserId, notice.OtherId);
        return await command.ExecuteScalarAsync(cancellationToken) is long sees
            && FriendVisibility.Unpack(sees).At(now) == Visibility.Exact
            && await people.FindSharingAsync(notice.UserId, cancellationToken) is { } own && own.IsOnAt(now)
            && await people.FindSharingAsync(notice.OtherId, cancellationToken) is { } other && other.IsOnAt(now);
    }

    private async Task<bool> IsPendingAsync(Notice notice, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            "select exists (select from friend_requests where addressee_id = $1 and requester_id = $2 and declined_at is null)",
            notice.UserId, notice.OtherId);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
