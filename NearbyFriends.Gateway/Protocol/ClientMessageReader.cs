using System.Text.Json;

namespace NearbyFriends.Gateway.Protocol;

/// <summary>Reads one JSON message of a client, in one pass, without building a tree.</summary>
public static class ClientMessageReader
{
    /// <summary>Points that one <c>locations</c> message may carry.</summary>
    public const int MaxPoints = 50;

    /// <summary>Characters of a <c>ref</c>.</summary>
    public const int MaxRef = 64;

    internal const string ItemsProblem = "The field 'items' must hold 1 to 50 locations.";

    /// <summary>The message, or the reason why it is none; the <c>ref</c> is found even then, where there is one.</summary>
    public static (ClientMessage? Message, string? Problem, string? Ref) Read(ReadOnlySpan<byte> utf8)
    {
        var fields = default(Fields);
        if (TryReadFields(utf8, ref fields) is { } malformed)
        {
            return (null, malformed, fields.Ref);
        }

        var (message, problem) = Build(fields);
        return (message, problem, fields.Ref);
    }

    /// <summary>The points of a body that is one point or <c>{"items":[...]}</c>, or the reason why it is neither.</summary>
    public static (IReadOnlyList<ClientPoint> Points, string? Problem) ReadPoints(ReadOnlySpan<byte> utf8)
    {
        var fields = default(Fields);
        var problem = TryReadFields(utf8, ref fields) ?? fields.Problem;
        return problem is not null ? ([], problem)
            : fields.Items is null ? ([fields.Point.ToPoint()], null)
            : fields.Items.Count > 0 ? (fields.Items, null)
            : ([], ItemsProblem);
    }

    /// <summary>Reads all fields of one object; the reason when the text is no such thing.</summary>
    private static string? TryReadFields(ReadOnlySpan<byte> utf8, ref Fields fields)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return "A message is one JSON object.";
            }

            ReadFields(ref reader, ref fields);
            reader.Read(); // throws if anything follows
            return null;
        }
        catch (JsonException)
        {
            return "The message is not valid JSON.";
        }
        catch (InvalidOperationException)
        {
            return "The message has invalid text."; // unpaired surrogates
        }
    }

    private static (ClientMessage? Message, string? Problem) Build(in Fields fields)
    {
        if (fields.Problem is not null)
        {
            return (null, fields.Problem);
        }

        var message = fields.Type switch
        {
            "location" => new ClientMessage(ClientMessageType.Location) { Points = [fields.Point.ToPoint()] },
            "locations" => new ClientMessage(ClientMessageType.Locations) { Points = (IReadOnlyList<ClientPoint>?)fields.Items ?? [] },
            "follow" => new ClientMessage(ClientMessageType.Follow),
            "page" => new ClientMessage(ClientMessageType.Page) { Cursor = fields.Cursor },
            "radius" => new ClientMessage(ClientMessageType.Radius) { Metres = fields.Metres },
            "pace" => new ClientMessage(ClientMessageType.Pace) { FlushMs = fields.FlushMs },
            "background" => new ClientMessage(ClientMessageType.Background),
            "foreground" => new ClientMessage(ClientMessageType.Foreground),
            "token" => new ClientMessage(ClientMessageType.Token) { AccessToken = fields.AccessToken },
            "strangers" => new ClientMessage(ClientMessageType.Strangers) { Metres = fields.Radius },
            _ => null,
        };
        if (message is null)
        {
            return (null, fields.Type is null ? "The field 'type' is missing." : "The field 'type' names no known message.");
        }

        var missing = message.Type switch
        {
            ClientMessageType.Locations when fields.Items is not { Count: > 0 } => ItemsProblem,
            ClientMessageType.Page when message.Cursor is null => "The field 'cursor' is missing.",
            ClientMessageType.Token when message.AccessToken is null => "The field 'accessToken' is missing.",
            _ => null,
        };
        return missing is null ? (message with { Ref = fields.Ref }, null) : (null, missing);
    }

    private static void ReadFields(ref Utf8JsonReader reader, ref Fields fields)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                fields.Type = Text(ref reader, "type", ref fields);
            }
            else if (reader.ValueTextEquals("ref"u8))
            {
                fields.Ref = Text(ref reader, "ref", ref fields);
                if (fields.Ref?.Length > MaxRef)
                {
                    fields.Ref = null;
                    fields.Problem ??= "The field 'ref' is longer than 64 characters.";
                }
            }
            else if (reader.ValueTextEquals("items"u8))
            {
                ReadItems(ref reader, ref fields);
            }
            else if (reader.ValueTextEquals("cursor"u8))
            {
                fields.Cursor = Text(ref reader, "cursor", ref fields);
            }
            else if (reader.ValueTextEquals("accessToken"u8))
            {
                fields.AccessToken = Text(ref reader, "accessToken", ref fields);
            }
            else if (reader.ValueTextEquals("metres"u8))
            {
                fields.Metres = Number(ref reader);
            }
            else if (reader.ValueTextEquals("radius"u8))
            {
                fields.Radius = Number(ref reader);
            }
            else if (reader.ValueTextEquals("flushMs"u8))
            {
                fields.FlushMs = Number(ref reader);
            }
            else
            {
                ReadPointField(ref reader, ref fields.Point);
            }
        }
    }

    private static void ReadItems(ref Utf8JsonReader reader, ref Fields fields)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        var items = new List<ClientPoint>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var point = default(PointFields);
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    ReadPointField(ref reader, ref point);
                }
            }
            else
            {
                reader.Skip();
            }

            items.Add(point.ToPoint());
        }

        if (items.Count > MaxPoints)
        {
            fields.Problem ??= ItemsProblem;
        }

        fields.Items = items;
    }

    /// <summary>A field of a point, or one that we do not know and ignore.</summary>
    private static void ReadPointField(ref Utf8JsonReader reader, ref PointFields point)
    {
        if (reader.ValueTextEquals("lat"u8))
        {
            point.Latitude = Number(ref reader);
        }
        else if (reader.ValueTextEquals("lon"u8))
        {
            point.Longitude = Number(ref reader);
        }
        else if (reader.ValueTextEquals("time"u8))
        {
            point.Time = WholeNumber(ref reader);
        }
        else if (reader.ValueTextEquals("accuracy"u8))
        {
            point.Accuracy = Number(ref reader);
        }
        else
        {
            reader.Read();
            reader.Skip();
        }
    }

    private static double? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        double? number = reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) ? value : null;
        reader.Skip();
        return number;
    }

    /// <summary>Some devices write whole numbers as 1.76e12, or with a fraction, which is dropped.</summary>
    private static long? WholeNumber(ref Utf8JsonReader reader)
    {
        reader.Read();
        long? number = reader.TokenType != JsonTokenType.Number ? null
            : reader.TryGetInt64(out var whole) ? whole
            : reader.TryGetDouble(out var real) ? (long)real // to the nearest end of the range, where it is beyond
            : null;
        reader.Skip();
        return number;
    }

    private static string? Text(ref Utf8JsonReader reader, string field, ref Fields fields)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        if (reader.TokenType != JsonTokenType.Null)
        {
            fields.Problem ??= $"The field '{field}' must be text.";
            reader.Skip();
        }

        return null;
    }

    private struct PointFields
    {
        public double? Latitude;
        public double? Longitude;
        public long? Time;
        public double? Accuracy;

        public readonly ClientPoint ToPoint() => new(Latitude ?? double.NaN, Longitude ?? double.NaN, Time, (float)(Accuracy ?? double.NaN));
    }

    private struct Fields
    {
        public string? Type;
        public string? Ref;
        public string? Cursor;
        public string? AccessToken;
        public double? Metres;
        public double? Radius;
        public double? FlushMs;
        public PointFields Point;
        public List<ClientPoint>? Items;
        public string? Problem;
    }
}
