using System.Globalization;
using System.Text;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>Damages valid messages, the same way for the same seed.</summary>
/// <param name="corpus">Valid messages.</param>
/// <param name="random">Decides everything.</param>
internal sealed class Mutations(IReadOnlyList<string> corpus, Random random)
{
    private static readonly string[] Numbers =
    [
        "1e999", "-1e999", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "4.9e-324", "-0", "0.1e-7",
        "99999999999999999999999999999999999999", "1E400", "00", "0x10", "NaN",
    ];

    private static readonly string[] Texts = ["\\ud800", "\\u0000", "\\\"", "{\"type\":\"location\"", "]]]]", "}}}}", "null", "\uFEFF", "\"ref\":[", "é😀"];

    /// <summary>One message of at most 16,384 bytes, mostly no longer valid.</summary>
    public byte[] Next()
    {
        var message = Encoding.UTF8.GetBytes(corpus[random.Next(corpus.Count)]);
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            message = Change(message);
        }

        return message.Length <= 16_384 ? message : message[..16_384];
    }

    private byte[] Change(byte[] message) => random.Next(7) switch
    {
        0 => FlipBit(message),
        1 => message[..random.Next(message.Length + 1)],
        2 => Splice(message),
        3 => Insert(message, Texts[random.Next(Texts.Length)]),
        4 => ReplaceNumber(message),
        5 => Insert(message, new string(random.Next(2) == 0 ? '[' : '{', random.Next(1, 200))),
        _ => Encoding.UTF8.GetBytes($"{{\"x\":{new string('[', random.Next(1, 100))}{Encoding.UTF8.GetString(message)}"),
    };

    private byte[] FlipBit(byte[] message)
    {
        if (message.Length == 0)
        {
            return message;
        }

        var changed = (byte[])message.Clone();
        changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(7)); // text frames must stay mostly UTF-8
        return changed;
    }

    private byte[] Splice(byte[] message)
    {
        var other = Encoding.UTF8.GetBytes(corpus[random.Next(corpus.Count)]);
        return [.. message.AsSpan(0, random.Next(message.Length + 1)), .. other.AsSpan(random.Next(other.Length))];
    }

    private byte[] Insert(byte[] message, string text)
    {
        var at = random.Next(message.Length + 1);
        return [.. message.AsSpan(0, at), .. Encoding.UTF8.GetBytes(text), .. message.AsSpan(at)];
    }

    private byte[] ReplaceNumber(byte[] message)
    {
        var text = Encoding.UTF8.GetString(message);
        var start = text.AsSpan().IndexOfAnyInRange('0', '9');
        if (start < 0)
        {
            return message;
        }

        var end = start;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'))
        {
            end++;
        }

        var number = random.Next(3) == 0 ? random.NextInt64(long.MinValue, long.MaxValue).ToString(CultureInfo.InvariantCulture) : Numbers[random.Next(Numbers.Length)];
        return Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, start), number, text.AsSpan(end)));
    }
}
