namespace NearbyFriends.Core;

/// <summary>When a user is told that a friend comes near.</summary>
/// <param name="WithinMetres">How near, 50 to 16,093 m.</param>
/// <param name="CooldownSeconds">For how long no second alert about the same friend follows, a minute to a week.</param>
public readonly record struct AlertRule(int WithinMetres, int CooldownSeconds)
{
    public const int MinWithinMetres = 50;
    public const int MaxWithinMetres = 16_093;
    public const int MinCooldownSeconds = 60;
    public const int MaxCooldownSeconds = 7 * 24 * 3_600;
    public const int DefaultCooldownSeconds = 3_600;

    /// <summary>Stands for a friend's id in the rule about all friends who have no rule of their own.</summary>
    public const long Anyone = 0;
}
