using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>A place in a list: its friends from <paramref name="Offset"/> on were not shown. Opaque to clients.</summary>
public readonly record struct PageCursor(int List, int Offset)
{
    private const int MaxChars = 40;

    /// <summary>Reads what <see cref="ToString"/> wrote; null for anything else.</summary>
    public static PageCursor? TryParse(string text)
    {
        Span<byte> bytes = stackalloc byte[32];
        if (text.Length > MaxChars || Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done)
        {
            return null;
        }

        var numbers = Encoding.ASCII.GetString(bytes[..written]).Split('/');
        return numbers.Length == 2
            && int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var list)
            && int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            && offset > 0
            ? new PageCursor(list, offset)
            : null;
    }

    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{List}/{Offset}")));
}

/// <summary>Which friends were inside, and in which order, when a list began.</summary>
/// <param name="List">Number of the list.</param>
/// <param name="Order">Friend numbers, nearest first.</param>
/// <param name="ExpiresAt">Unix milliseconds.</param>
internal sealed record PageSnapshot(int List, int[] Order, long ExpiresAt);
