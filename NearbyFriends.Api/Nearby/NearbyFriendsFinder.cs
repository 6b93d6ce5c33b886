using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Api.Accounts;
using NearbyFriends.Api.Problems;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.LocationCache;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.Nearby;

/// <summary>Finds the friends nearby from the location cache and the database.</summary>
/// <remarks>
/// A friend is shown only if the database says that it shares, and at the very sharing version under which the cached
/// location was written: a location that outlived its user's consent, because the cache was away when it should have
/// been hidden, is not shown to anybody. Of a friend who shows the caller less, only that much is looked at.
/// </remarks>
public sealed class NearbyFriendsFinder(
    FriendDatabase friends, UserAccounts accounts, RedisLocationCache cache, NearbySnapshots snapshots, TimeProvider clock)
{
    /// <summary>The first page of a new list.</summary>
    public async Task<Results<Ok<NearbyPage>, Problem>> BeginAsync(long userId, double radiusMetres, int limit, CancellationToken cancellationToken)
    {
        var me = await friends.LoadAsync(userId, cancellationToken);
        if (me?.Sharing.IsOnAt(clock.UnixMilliseconds()) != true)
        {
            return TypedResults.Ok(new NearbyPage([], 0, null));
        }

        if (await FindAsync(me, me.Friends, radiusMetres, cancellationToken) is not { } found)
        {
            return new Problem(ProblemKind.NoLocation);
        }

        var sorted = found.Friends.OrderBy(friend => friend.Distance).ThenBy(friend => friend.Id).ToArray();
        var cursor = sorted.Length <= limit
            ? null
            : new NearbyCursor(
                await snapshots.SaveAsync(userId, new(radiusMetres, Array.ConvertAll(sorted, friend => friend.Id))), limit).ToString();
        return TypedResults.Ok(new NearbyPage([.. sorted.Take(limit).Select(Show)], sorted.Length, cursor, found.Partial));
    }

    /// <summary>A later page: the snapshot's order, with current values, without those who left.</summary>
    public async Task<Results<Ok<NearbyPage>, Problem>> ContinueAsync(
        long userId, NearbyCursor cursor, int limit, CancellationToken cancellationToken)
    {
        if (await snapshots.FindAsync(userId, cursor.Snapshot) is not { } snapshot)
        {
            return new Problem(ProblemKind.CursorExpired);
        }

        var me = await friends.LoadAsync(userId, cancellationToken);
        if (me?.Sharing.IsOnAt(clock.UnixMilliseconds()) != true)
        {
            return TypedResults.Ok(new NearbyPage([], 0, null));
        }

        var rest = snapshot.Ids.Skip(cursor.Offset).ToArray();
        if (await FindAsync(me, [.. rest.Intersect(me.Friends)], snapshot.RadiusMetres, cancellationToken) is not { } found)
        {
            return new Problem(ProblemKind.NoLocation);
        }

        var byId = found.Friends.ToDictionary(friend => friend.Id);
        var page = new List<NearbyFriendView>(limit);
        var used = 0;
        while (used < rest.Length && page.Count < limit)
        {
            if (byId.TryGetValue(rest[used++], out var friend))
            {
                page.Add(Show(friend));
            }
        }

        var next = used < rest.Length ? (cursor with { Offset = cursor.Offset + used }).ToString() : null;
        return TypedResults.Ok(new NearbyPage(page, snapshot.Ids.Length, next, found.Partial));
    }

    // Null when the user has no current location.
    private async Task<FoundNearby?> FindAsync(UserFriends me, long[] ids, double radiusMetres, CancellationToken cancellationToken)
    {
        var reading = cache.ReadAsync(ids);
        if (await cache.ReadAsync(me.Id) is not { Location: { } here, SharingVersion: var version } || version != me.Sharing.Version)
        {
            return null;
        }

        var entries = await reading;
        var now = clock.GetUtcNow();
        var position = here.Position;
        var farthest = GreatCircle.ChordSquaredOfMetres(radiusMetres);
        var inside = new List<(long Id, long SharingVersion, Seen Seen, double Distance)>();
        for (var i = 0; i < ids.Length; i++)
        {
            if (entries[i] is not { } entry || Look(entry, me.Sees.GetValueOrDefault(ids[i]).At(now.ToUnixTimeMilliseconds())) is not { } seen)
            {
                continue;
            }

            var chord = position.ChordSquared(seen.Location.Position);
            if (chord <= farthest)
            {
                inside.Add((ids[i], entry.SharingVersion, seen, GreatCircle.MetresOfChordSquared(chord)));
            }
        }

        var users = await accounts.FindManyAsync([.. inside.Select(friend => friend.Id)], cancellationToken);
        var shared =
            from friend in inside
            let user = users.GetValueOrDefault(friend.Id)
            where user is { Locked: false } && user.SharesAt(now) && user.SharingVersion == friend.SharingVersion
            select new Found(friend.Id, user.DisplayName, friend.Seen, friend.Distance);
        return new([.. shared], entries.IsComplete ? null : true);
    }

    private static Seen? Look(CachedLocation entry, Visibility visibility) => (entry.Location, visibility) switch
    {
        ({ } location, Visibility.Exact) => new(location, entry.Accuracy, IsApproximate: false),
        ({ } location, Visibility.Approximate) => new(ApproximateGrid.Snap(location), default, IsApproximate: true),
        _ => null,
    };

    // A tenth of a metre is finer than any phone knows.
    private static NearbyFriendView Show(Found friend) => new(
        UserId.Format(friend.Id), friend.Name, friend.Seen.Location.Latitude, friend.Seen.Location.Longitude, friend.Seen.Location.Time,
        Math.Round(friend.Distance, 1), friend.Seen.Accuracy.Metres, friend.Seen.IsApproximate ? true : null);

    private sealed record FoundNearby(IReadOnlyList<Found> Friends, bool? Partial);

    private sealed record Found(long Id, string Name, Seen Seen, double Distance);

    private readonly record struct Seen(Location Location, Accuracy Accuracy, bool IsApproximate);
}
