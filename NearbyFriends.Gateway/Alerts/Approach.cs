using System.Globalization;

namespace NearbyFriends.Gateway.Alerts;

/// <summary>How far a friend is, as an alert sees it.</summary>
public enum Proximity
{
    /// <summary>Within the distance of the alert.</summary>
    Near,

    /// <summary>Beyond the distance, but not by the margin: says neither that the friend is near nor that it left.</summary>
    Margin,

    /// <summary>Beyond the distance and the margin.</summary>
    Away,
}

/// <summary>
/// What must be remembered of a friend's coming and going so that each approach is told once: hysteresis in space (the margin)
/// and in time (<see cref="AwayFor"/>), and the cooldown.
/// </summary>
/// <remarks>
/// It changes only when a friend enters another range, and needs no timer: how long the friend was away is asked when it comes back. A
/// friend who is not seen (inactive, hidden) is in no range, and nothing changes. An approach within the cooldown is not told later either.
/// </remarks>
/// <param name="IsArmed">Whether the next time near is an approach.</param>
/// <param name="AwaySince">Unix milliseconds; 0 when the friend is not away, or that does not matter because it is armed.</param>
/// <param name="ToldAt">Unix milliseconds of the last alert; 0 for none.</param>
public readonly record struct Approach(bool IsArmed, long AwaySince, long ToldAt)
{
    /// <summary>How long a friend must be away before it can approach again.</summary>
    public static readonly TimeSpan AwayFor = TimeSpan.FromMinutes(2);

    /// <summary>Of somebody who was not seen before, or not lately: whoever is near then has come.</summary>
    public static readonly Approach Unseen = new(IsArmed: true, 0, 0);

    private const double MarginShare = 0.2;
    private const double MinMarginMetres = 100;

    /// <summary>The range of a distance in metres.</summary>
    public static Proximity ProximityOf(double distance, int within) =>
        distance <= within ? Proximity.Near
        : distance <= within + Math.Max(within * MarginShare, MinMarginMetres) ? Proximity.Margin
        : Proximity.Away;

    /// <summary>The friend is in a range at <paramref name="now"/> (Unix milliseconds); whether that is to be told.</summary>
    public (Approach Next, bool IsTold) Enter(Proximity proximity, long now, TimeSpan cooldown)
    {
        var isArmed = IsArmed || (AwaySince != 0 && now - AwaySince >= (long)AwayFor.TotalMilliseconds);
        return proximity switch
        {
            Proximity.Away => (new(isArmed, isArmed ? 0 : AwaySince != 0 ? AwaySince : now, ToldAt), false),
            Proximity.Margin => (new(isArmed, 0, ToldAt), false),
            _ when isArmed && now - ToldAt >= (long)cooldown.TotalMilliseconds => (new(false, 0, now), true),
            _ => (new(false, 0, ToldAt), false),
        };
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsArmed ? 1 : 0)}:{AwaySince}:{ToldAt}");

    /// <summary>Null for what <see cref="ToString"/> did not write.</summary>
    public static Approach? Parse(string text) =>
        text.Split(':') is [var armed, var away, var told]
        && long.TryParse(away, CultureInfo.InvariantCulture, out var awaySince) && long.TryParse(told, CultureInfo.InvariantCulture, out var toldAt)
            ? new(armed == "1", awaySince, toldAt)
            : null;
}
