namespace NearbyFriends.Core.Geo;

/// <summary>
/// The radius of uncertainty of a location, as friends are told it: one byte, so that it travels wherever a location does.
/// </summary>
/// <remarks>
/// Whole metres below 128, where a map shows the difference; from there 16 steps an octave, within 3.2 %, up to 30,720 m.
/// Every gateway tells the same value, because the byte is made once, where the location comes in. The history keeps what the
/// device reported.
/// </remarks>
/// <param name="Code">0: unknown; 1 to 128: metres plus one; above: octave and step.</param>
public readonly record struct Accuracy(byte Code)
{
    private const int FirstOctave = 7; // 2^7 = 128 m
    private const int FirstStepped = 129;
    private const int StepsOfOctave = 16;

    /// <summary>Metres, rounded as the type's remarks say; null when the device reported none.</summary>
    public int? Metres => Code switch
    {
        0 => null,
        < FirstStepped => Code - 1,
        _ => (StepsOfOctave + ((Code - FirstStepped) % StepsOfOctave)) << (FirstOctave - 4 + ((Code - FirstStepped) / StepsOfOctave)),
    };

    /// <summary>The nearest value; unknown for NaN and for negative metres, the largest for what is larger.</summary>
    public static Accuracy FromMetres(float metres)
    {
        if (!(metres >= 0))
        {
            return default;
        }

        var whole = Math.Round(metres);
        if (whole < 1 << FirstOctave)
        {
            return new((byte)(whole + 1));
        }

        var octave = Math.ILogB(whole) - FirstOctave;
        var step = (int)Math.Round(Math.ScaleB(whole, -(octave + FirstOctave - 4))) - StepsOfOctave;
        return new((byte)Math.Min(FirstStepped + ((long)octave * StepsOfOctave) + step, byte.MaxValue));
    }
}
