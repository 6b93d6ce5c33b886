using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NearbyFriends.Gateway.Protocol;

/// <summary>Writes the parts of JSON that friend updates consist of, without going through strings or doubles.</summary>
internal static class JsonText
{
    private const int MaxNumberBytes = 32;

    public static void Raw(this MessageBuffer buffer, ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(buffer.GetSpan(utf8.Length));
        buffer.Advance(utf8.Length);
    }

    public static void Number(this MessageBuffer buffer, long value)
    {
        Utf8Formatter.TryFormat(value, buffer.GetSpan(MaxNumberBytes), out var written);
        buffer.Advance(written);
    }

    /// <summary>A whole number of 1e-7 degrees as degrees, without trailing zeros.</summary>
    public static void Degrees(this MessageBuffer buffer, int valueE7)
    {
        var span = buffer.GetSpan(MaxNumberBytes);
        var at = 0;
        var magnitude = Math.Abs((long)valueE7);
        if (valueE7 < 0)
        {
            span[at++] = (byte)'-';
        }

        Utf8Formatter.TryFormat(magnitude / 10_000_000, span[at..], out var written);
        at += written;
        var fraction = magnitude % 10_000_000;
        if (fraction != 0)
        {
            span[at++] = (byte)'.';
            for (var unit = 1_000_000; fraction != 0; unit /= 10)
            {
                span[at++] = (byte)('0' + (fraction / unit));
                fraction %= unit;
            }
        }

        buffer.Advance(at);
    }

    /// <summary>Metres, to a tenth.</summary>
    public static void Metres(this MessageBuffer buffer, double metres)
    {
        var tenths = (long)Math.Round(metres * 10);
        buffer.Number(tenths / 10);
        if (tenths % 10 != 0)
        {
            var span = buffer.GetSpan(2);
            span[0] = (byte)'.';
            span[1] = (byte)('0' + (tenths % 10));
            buffer.Advance(2);
        }
    }

    /// <summary>A quoted, escaped string.</summary>
    public static void Text(this MessageBuffer buffer, string text)
    {
        var encoded = JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        buffer.Raw("\""u8);
        buffer.Raw(encoded);
        buffer.Raw("\""u8);
    }

    /// <summary>A quoted string of characters that need no escape.</summary>
    public static void Plain(this MessageBuffer buffer, string text)
    {
        var span = buffer.GetSpan(text.Length + 2);
        span[0] = (byte)'"';
        var written = Encoding.ASCII.GetBytes(text, span[1..]);
        span[written + 1] = (byte)'"';
        buffer.Advance(written + 2);
    }
}
