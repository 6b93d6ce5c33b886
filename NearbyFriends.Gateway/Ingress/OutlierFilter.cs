using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using NearbyFriends.Core.Geo;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Ingress;

/// <summary>
/// Does not show a location that its user cannot have reached in the time, as receivers report now and then, until the next one
/// says whether the user is there: whichever of the last two places the next one is nearer to is the right one.
/// </summary>
/// <remarks>
/// So a single wrong point is seen by nobody, and who really moves that fast is seen one point late. What is not shown is history
/// nevertheless. Only this gateway knows which point it holds back: a next one that comes by another is judged by the one before.
/// </remarks>
public sealed class OutlierFilter(IOptions<PresenceOptions> presence)
{
    /// <summary>Users of whom a point is held back at most, some hundred bytes each; beyond it nobody is judged.</summary>
    private const int MaxUsers = 10_000;

    /// <summary>Two points of one moment may lie apart as far as one gets in this time: receivers are not exact.</summary>
    private const double LeastSeconds = 1;

    private readonly double _maxSpeed = presence.Value.MaxSpeed;
    private readonly long _inactiveAfterMs = (long)presence.Value.InactiveAfter.TotalMilliseconds;
    private readonly ConcurrentDictionary<long, Location> _held = [];

    /// <summary>Where a user is, after these locations: at one of them, or where it was.</summary>
    /// <param name="current">Where the user was as far as is known; null when it is not known, or too long ago to tell anything.</param>
    /// <param name="updates">At least one, of one user, in order of time.</param>
    public Location Settle(Location? current, IReadOnlyList<LocationUpdate> updates)
    {
        var userId = updates[0].UserId;
        if (updates.Count == 1 && !IsImpossible(current, updates[0].Location) && !_held.ContainsKey(userId))
        {
            return Later(current, updates[0].Location); // nearly always
        }

        _held.TryRemove(userId, out var held);
        foreach (var update in updates)
        {
            var next = update.Location;
            if (IsImpossible(current, next) && !IsConfirmed(held, current!.Value, next))
            {
                held = next;
            }
            else if (current is null || next.Time > current.Value.Time)
            {
                (current, held) = (next, default);
            }
        }

        return held.Time == 0 || TryHold(userId, held) ? current!.Value : held;
    }

    private bool TryHold(long userId, in Location held)
    {
        if (_held.Count >= MaxUsers)
        {
            Forget(held.Time - _inactiveAfterMs);
        }

        if (_held.Count >= MaxUsers)
        {
            return false;
        }

        _held[userId] = held;
        return true;
    }

    /// <summary>Gives up what nothing confirms any more.</summary>
    private void Forget(long before)
    {
        foreach (var (userId, held) in _held)
        {
            if (held.Time < before)
            {
                _held.TryRemove(userId, out _);
            }
        }
    }

    private bool IsImpossible(in Location? from, in Location to) =>
        _maxSpeed > 0 && from is { } before && to.Time > before.Time
        && Metres(before, to) > _maxSpeed * Math.Max(LeastSeconds, (to.Time - before.Time) / 1_000.0);

    private static bool IsConfirmed(in Location held, in Location from, in Location next) =>
        held.Time > 0 && held.Time < next.Time && Metres(held, next) < Metres(from, next);

    private static Location Later(in Location? a, in Location b) => a is { } before && before.Time >= b.Time ? before : b;

    private static double Metres(in Location a, in Location b) => GreatCircle.DistanceMetres(a.Position, b.Position);
}
