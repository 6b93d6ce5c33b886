using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using NearbyFriends.Core.Geo;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Ingress;

/// <summary>
/// Holds back a location that its user cannot have reached in the time, as receivers report now and then, until the next one says
/// whether the user is there: whichever of the last two places the next one is nearer to is the right one.
/// </summary>
/// <remarks>
/// Nothing is lost: what was held back goes on together with the next location, and is history then. So a single wrong point is
/// seen by nobody, and who really moves that fast is seen one point late. What this gateway holds back, it alone knows: a next point
/// that comes by another gateway is judged by the one before. If this process dies, what it holds back is lost.
/// </remarks>
public sealed class OutlierFilter(IOptions<PresenceOptions> presence)
{
    /// <summary>Held back of one user at most; the oldest gives way.</summary>
    private const int MaxHeld = 50;

    /// <summary>Users of whom something is held back at most: beyond it locations pass unjudged.</summary>
    private const int MaxUsers = 10_000;

    /// <summary>Two points of one moment may lie apart as far as one covers in this time: receivers are not exact.</summary>
    private const double LeastSeconds = 1;

    private readonly double _maxSpeed = presence.Value.MaxSpeed;
    private readonly long _inactiveAfterMs = (long)presence.Value.InactiveAfter.TotalMilliseconds;
    private readonly ConcurrentDictionary<long, List<LocationUpdate>> _held = [];

    /// <summary>What goes on of these locations of one user; those held back before that are decided now stand in front.</summary>
    /// <param name="current">Where the user is as far as is known; null when it is not known, or too long ago to tell anything.</param>
    /// <param name="updates">In order of time.</param>
    public IReadOnlyList<LocationUpdate> Pass(Location? current, IReadOnlyList<LocationUpdate> updates)
    {
        if (_maxSpeed == 0 || updates.Count == 0)
        {
            return updates;
        }

        var userId = updates[0].UserId;
        if (updates.Count == 1 && !(current is { } at && IsImpossible(at, updates[0].Location)) && !_held.ContainsKey(userId))
        {
            return updates; // nearly always
        }

        var held = _held.TryRemove(userId, out var before) ? before : [];
        held.RemoveAll(point => point.SharingVersion != updates[0].SharingVersion); // from before the user hid
        var passed = new List<LocationUpdate>(held.Count + updates.Count);
        foreach (var update in updates)
        {
            if (current is { } from && IsImpossible(from, update.Location) && !IsConfirmed(held, from, update.Location))
            {
                held.Add(update);
                continue;
            }

            if (current is null || update.Location.Time > current.Value.Time)
            {
                passed.AddRange(held);
                held.Clear();
                current = update.Location;
            }

            passed.Add(update);
        }

        if (held.Count > 0)
        {
            Hold(userId, held, passed);
        }

        return passed;
    }

    private void Hold(long userId, List<LocationUpdate> held, List<LocationUpdate> passed)
    {
        if (_held.Count >= MaxUsers)
        {
            Forget(held[^1].ReceivedAt / 1_000);
        }

        if (_held.Count >= MaxUsers)
        {
            passed.AddRange(held);
            return;
        }

        held.RemoveRange(0, Math.Max(0, held.Count - MaxHeld));
        _held[userId] = held;
    }

    /// <summary>Gives up what nothing can confirm any more.</summary>
    private void Forget(long now)
    {
        foreach (var (userId, held) in _held)
        {
            if (held[^1].ReceivedAt / 1_000 < now - _inactiveAfterMs)
            {
                _held.TryRemove(userId, out _);
            }
        }
    }

    private bool IsImpossible(in Location from, in Location to) =>
        to.Time > from.Time && Metres(from, to) > _maxSpeed * Math.Max(LeastSeconds, (to.Time - from.Time) / 1_000.0);

    private static bool IsConfirmed(List<LocationUpdate> held, in Location from, in Location next) =>
        held.Count > 0 && held[^1].Location.Time < next.Time && Metres(held[^1].Location, next) < Metres(from, next);

    private static double Metres(in Location a, in Location b) => GreatCircle.DistanceMetres(a.Position, b.Position);
}
