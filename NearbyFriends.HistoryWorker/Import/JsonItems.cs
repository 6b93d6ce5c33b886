using System.Text.Json;

namespace NearbyFriends.HistoryWorker.Import;

/// <summary>
/// Reads JSON of any length item by item: the items of the array that it is, or of those arrays that are members of the object that it
/// is. Other members are skipped. Memory is that of the longest item or skipped member.
/// </summary>
/// <param name="content">UTF-8; the caller disposes it.</param>
public sealed class JsonItems(Stream content)
{
    /// <summary>The name of the list when all is one array.</summary>
    public const string Root = "";

    private const int MaxItemBytes = 64 * 1024 * 1024;

    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _isLast;
    private JsonReaderState _state;
    private string? _list;

    /// <summary>The items, each with the name of its list; valid until the next one.</summary>
    /// <exception cref="JsonException">It is malformed, neither an array nor an object, or an item is longer than 64 MiB.</exception>
    public IEnumerable<(string List, JsonElement Item)> Read()
    {
        SkipByteOrderMark();
        while (Next(out var item))
        {
            using (item)
            {
                yield return (_list!, item!.RootElement);
            }
        }
    }

    private bool Next(out JsonDocument? item)
    {
        item = null;
        while (true)
        {
            var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _isLast, _state);
            while (TryStep(ref reader, out item))
            {
                // What was read whole is behind us, whatever comes next.
                (_start, _state) = (_start + (int)reader.BytesConsumed, reader.CurrentState);
                if (item is not null)
                {
                    return true;
                }

                reader = new(_buffer.AsSpan(_start, _end - _start), _isLast, _state);
            }

            if (_isLast)
            {
                return false;
            }

            Fill();
        }
    }

    // One item, the begin or end of a list, or a skipped member; false if there is not all of it.
    private bool TryStep(ref Utf8JsonReader reader, out JsonDocument? item)
    {
        item = null;
        if (!reader.Read())
        {
            return false;
        }

        if (_list is not null)
        {
            if (reader.TokenType != JsonTokenType.EndArray)
            {
                return JsonDocument.TryParseValue(ref reader, out item);
            }

            _list = null;
            return true;
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                return TryBeginMember(ref reader);
            case JsonTokenType.StartArray:
                _list = Root;
                return true;
            case JsonTokenType.StartObject or JsonTokenType.EndObject:
                return true;
            default:
                throw new JsonException("The file is neither a JSON object nor an array.");
        }
    }

    private bool TryBeginMember(ref Utf8JsonReader reader)
    {
        var name = reader.GetString();
        if (!reader.Read())
        {
            return false;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return reader.TrySkip();
        }

        _list = name;
        return true;
    }

    private void Fill()
    {
        var rest = _buffer.AsSpan(_start, _end - _start);
        if (_start == 0 && rest.Length == _buffer.Length)
        {
            if (_buffer.Length >= MaxItemBytes)
            {
                throw new JsonException($"An item is longer than {MaxItemBytes / 1024 / 1024} MiB.");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
        else
        {
            rest.CopyTo(_buffer);
            (_start, _end) = (0, rest.Length);
        }

        var room = _buffer.AsSpan(_end);
        var read = content.ReadAtLeast(room, room.Length, throwOnEndOfStream: false);
        _end += read;
        _isLast = read < room.Length;
    }

    private void SkipByteOrderMark()
    {
        Fill();
        if (_buffer.AsSpan(0, _end).StartsWith("\uFEFF"u8))
        {
            _start = 3;
        }
    }
}
