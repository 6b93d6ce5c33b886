using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.LocationCache;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.OwnTracks;

/// <summary>The friends nearby at one moment, for an app that only looks when it has sent something.</summary>
/// <remarks>
/// The rules are those of a session: only friends, who share, at a version at which they did not hide since, until the end of
/// it; of each what it shows the user.
/// </remarks>
public sealed class OwnTracksFriends(
    IFriendSource people, RedisLocationCache cache, RecentlyHidden hidden, IOptions<PresenceOptions> presence, TimeProvider clock)
{
    /// <summary>Friends in an answer, the nearest.</summary>
    public const int Max = 100;

    // Half the diagonal of a cell: the app draws it as a circle in which the friend is.
    private const int ApproximateMetres = 710;

    /// <summary>A <c>location</c> and a <c>card</c> of each friend nearby, the nearest first; none without a location of the user itself.</summary>
    public async Task<IReadOnlyList<object>> FindAsync(UserFriends me, CancellationToken cancellationToken)
    {
        var entries = await cache.ReadAsync([me.Id, .. me.Friends]);
        var now = clock.UnixMilliseconds();
        if (PlaceOf(me.Id, entries[0], Visibility.Exact, now) is not { } here)
        {
            return [];
        }

        var radius = presence.Value.RadiusMetres;
        var inside =
            (from friend in me.Friends.Index()
             let place = PlaceOf(friend.Item, entries[friend.Index + 1], me.Sees.GetValueOrDefault(friend.Item).At(now), now)
             where place is not null
             let distance = GreatCircle.DistanceMetres(here.Location.Position, place.Location.Position)
             where distance <= radius
             orderby distance, friend.Item
             select (Id: friend.Item, Place: place)).Take(Max).ToList();
        if (inside.Count == 0)
        {
            return [];
        }

        var names = await people.DisplayNamesAsync(inside.ConvertAll(friend => friend.Id), cancellationToken);
        var trackers = TrackerIds.Of(me.Friends);
        return
        [
            .. from friend in inside
               where names.ContainsKey(friend.Id)
               from message in MessagesOf(trackers[friend.Id], names[friend.Id], friend.Place)
               select message,
        ];
    }

    private static object[] MessagesOf(string tracker, string name, Place place) =>
    [
        new OwnTracksLocation(tracker, place.Location.Latitude, place.Location.Longitude, place.Location.Time / 1_000, place.Accuracy),
        new OwnTracksCard(tracker, name),
    ];

    private Place? PlaceOf(long userId, CachedLocation? entry, Visibility visibility, long now)
    {
        if (entry is not { Location: { } location } cached
            || presence.Value.EndOf(location.Time, cached.SharingUntil) <= now
            || hidden.IsHidden(userId, cached.SharingVersion))
        {
            return null;
        }

        return visibility switch
        {
            Visibility.Exact => new(location, cached.Accuracy.Metres),
            Visibility.Approximate => new(ApproximateGrid.Snap(location), ApproximateMetres),
            _ => null,
        };
    }

    private sealed record Place(Location Location, int? Accuracy);
}
