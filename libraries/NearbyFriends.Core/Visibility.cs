namespace NearbyFriends.Core;

/// <summary>How much of a user's location a friend sees.</summary>
public enum Visibility : byte
{
    /// <summary>The location as it is.</summary>
    Exact = 0,

    /// <summary>A position that is snapped to a grid of 1 km.</summary>
    Approximate = 1,

    /// <summary>Nothing: to the friend the user looks inactive.</summary>
    Nothing = 2,
}

/// <summary>What a user shows one friend, with an end or without.</summary>
/// <remarks>The default value is what holds between new friends: exact, without an end.</remarks>
/// <param name="Shows">What the friend sees now.</param>
/// <param name="Until">Unix milliseconds at which that ends; 0 for no end.</param>
/// <param name="Afterwards">What the friend sees then: what was shown before, without an end.</param>
public readonly record struct FriendVisibility(Visibility Shows, long Until = 0, Visibility Afterwards = Visibility.Exact)
{
    private const int LevelBits = 2;
    private const int LevelMask = (1 << LevelBits) - 1;

    /// <summary>As one number, for the database, the journal and frames: two bits of now, two of afterwards, then the end.</summary>
    public long Packed => (Until << (2 * LevelBits)) | ((long)Afterwards << LevelBits) | (long)Shows;

    /// <summary>Reads <see cref="Packed"/>. A level that this version does not know shows nothing.</summary>
    public static FriendVisibility Unpack(long packed) =>
        new(LevelOf(packed), packed >> (2 * LevelBits), LevelOf(packed >> LevelBits));

    /// <summary>What the friend sees at <paramref name="now"/> (Unix milliseconds).</summary>
    public Visibility At(long now) => HasEnded(now) ? Afterwards : Shows;

    /// <summary>Whether its end has come at <paramref name="now"/> (Unix milliseconds).</summary>
    public bool HasEnded(long now) => Until != 0 && Until <= now;

    /// <summary>What takes its place: with an end, what now holds without one comes back afterwards.</summary>
    /// <param name="shows">What the friend sees from now on.</param>
    /// <param name="until">Unix milliseconds at which that ends; 0 for no end.</param>
    public FriendVisibility ChangeTo(Visibility shows, long until) =>
        until == 0 ? new(shows) : new(shows, until, Until == 0 ? Shows : Afterwards);

    private static Visibility LevelOf(long bits) => (Visibility)Math.Min(bits & LevelMask, (long)Visibility.Nothing);
}
