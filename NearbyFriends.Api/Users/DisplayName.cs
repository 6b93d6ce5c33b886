using System.Globalization;
using System.Text;

namespace NearbyFriends.Api.Users;

/// <summary>
/// What may be a display name: text that everybody sees as it is. Not what turns the text around it (U+202E), is not seen (U+200B,
/// U+3164), or is no text at all.
/// </summary>
/// <remarks>
/// Judged by grapheme clusters, which people count as characters. Joiners, variation selectors and tags are invisible alone, and
/// parts of emoji: there, and only there, they are allowed. Sources: Unicode Standard Annex 29 (clusters), Technical Standard 51
/// (emoji sequences), the property Default_Ignorable_Code_Point.
/// </remarks>
public static class DisplayName
{
    /// <summary>Characters of the longest name.</summary>
    public const int MaxLength = 64;

    private const int MaxClusterChars = 24; // the longest emoji have 15; accents without end have no limit

    /// <summary>Whether a text without spaces at its ends is a name.</summary>
    public static bool IsValid(string name)
    {
        var (length, isVisible) = (0, false);
        var clusters = StringInfo.GetTextElementEnumerator(name);
        while (clusters.MoveNext())
        {
            var cluster = clusters.GetTextElement();
            if (++length > MaxLength || cluster.Length > MaxClusterChars || !IsShown(cluster))
            {
                return false;
            }

            isVisible |= IsVisible(Rune.GetRuneAt(cluster, 0));
        }

        return isVisible;
    }

    private static bool IsShown(string cluster)
    {
        var isEmoji = IsEmoji(cluster);
        return cluster.EnumerateRunes().All(rune => IsShown(rune) || (isEmoji && IsPartOfEmoji(rune.Value)));
    }

    private static bool IsShown(Rune rune) =>
        !IsInvisibleLetter(rune.Value)
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);

    /// <summary>Fillers and selectors, which by their category are letters, marks or symbols.</summary>
    private static bool IsInvisibleLetter(int rune) => rune
        is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0
        or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    private static bool IsVisible(Rune rune) =>
        Rune.IsLetterOrDigit(rune) || Rune.IsSymbol(rune) || Rune.IsPunctuation(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherNumber;

    /// <summary>A pictograph with what follows it, or a keycap; nothing ends with a joiner.</summary>
    private static bool IsEmoji(string cluster) =>
        cluster[^1] != '\u200D'
        && (Rune.GetUnicodeCategory(Rune.GetRuneAt(cluster, 0)) is UnicodeCategory.OtherSymbol or UnicodeCategory.MathSymbol
            || cluster[1..] is "\uFE0F\u20E3");

    /// <summary>Zero-width joiner, emoji presentation, and the tags of flags.</summary>
    private static bool IsPartOfEmoji(int rune) => rune is 0x200D or 0xFE0F or (>= 0xE0020 and <= 0xE007F);
}
