using Google.Protobuf;
using NearbyFriends.Core;
using NearbyFriends.People;
using Wire = NearbyFriends.Protocol.V1;

namespace NearbyFriends.Gateway.Protocol;

/// <summary>The messages of docs/nearby.proto.</summary>
/// <remarks>
/// Clients' messages are read by generated code. The server's are written straight into the outgoing buffer: a friend
/// update is fixed-width fields only, so that writing one allocates nothing.
/// </remarks>
internal sealed class ProtobufFormat : MessageFormat
{
    public override (ClientMessage? Message, string? Problem, string? Ref) Read(ReadOnlySpan<byte> bytes)
    {
        Wire.ClientMessage wire;
        try
        {
            wire = Wire.ClientMessage.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return (null, "The message is no nearbyfriends.v1.ClientMessage.", null);
        }

        var reference = wire.Ref.Length == 0 ? null : wire.Ref;
        if (reference?.Length > ClientMessageReader.MaxRef)
        {
            return (null, "The field 'ref' is longer than 64 characters.", null);
        }

        var message = Message(wire);
        return message is null ? (null, "The field 'message' names no known message.", reference)
            : message is { Type: ClientMessageType.Locations, Points.Count: 0 or > ClientMessageReader.MaxPoints }
                ? (null, ClientMessageReader.ItemsProblem, reference)
            : (message with { Ref = reference }, null, reference);
    }

    public override MessageBuffer Welcome(Welcome welcome)
    {
        var m = Begin("welcome", Wire.ServerMessage.WelcomeFieldNumber);
        m.Fixed64(1, welcome.UserId);
        m.Text(2, welcome.SessionId);
        m.Varint(3, welcome.Sharing ? 1 : 0);
        m.Varint(4, welcome.RadiusMetres);
        m.Varint(5, welcome.PageSize);
        m.Varint(6, welcome.FlushMs);
        m.Varint(7, welcome.UpdateEveryMs);
        m.Varint(8, welcome.InactiveAfterMs);
        m.Varint(9, welcome.Now);
        if (welcome.Sharing && welcome.SharingUntil != 0)
        {
            m.Varint(10, welcome.SharingUntil);
        }

        return End(m);
    }

    public override MessageBuffer Nearby(int list, int page, ReadOnlySpan<FriendEntry> friends, int total, string? cursor, string? reference)
    {
        var m = Begin("nearby", Wire.ServerMessage.NearbyFieldNumber);
        m.Varint(1, list);
        m.Varint(2, page);
        foreach (var friend in friends)
        {
            Friend(m, friend);
        }

        m.Varint(4, total);
        if (cursor is not null)
        {
            m.Text(5, cursor);
        }

        return End(m, reference);
    }

    public override MessageBuffer BeginFriends(int list, int total)
    {
        var m = Begin("friends", Wire.ServerMessage.FriendsFieldNumber);
        m.Varint(1, list);
        m.Varint(2, total);
        return m;
    }

    public override void Moved(MessageBuffer message, in FriendEntry friend, bool first) => Friend(message, friend);

    public override MessageBuffer EndFriends(MessageBuffer message, List<(long UserId, bool Away)> left)
    {
        foreach (var (userId, away) in left)
        {
            var entry = message.BeginMessage(4);
            message.Fixed64(1, userId);
            message.Varint(2, (long)(away ? Wire.ServerMessage.Types.Friends.Types.Reason.Away : Wire.ServerMessage.Types.Friends.Types.Reason.Gone));
            message.EndMessage(entry);
        }

        return End(message);
    }

    public override MessageBuffer FriendAdded(long userId, string displayName)
    {
        var m = Begin("friendAdded", Wire.ServerMessage.FriendAddedFieldNumber);
        m.Fixed64(1, userId);
        m.Text(2, displayName);
        return End(m);
    }

    public override MessageBuffer FriendRemoved(long userId)
    {
        var m = Begin("friendRemoved", Wire.ServerMessage.FriendRemovedFieldNumber);
        m.Fixed64(1, userId);
        return End(m);
    }

    public override MessageBuffer Sharing(bool sharing, long until)
    {
        var m = Begin("sharing", Wire.ServerMessage.SharingFieldNumber);
        m.Varint(1, sharing ? 1 : 0);
        if (sharing && until != 0)
        {
            m.Varint(2, until);
        }

        return End(m);
    }

    public override MessageBuffer Visibility(long userId, FriendVisibility shows)
    {
        var m = Begin("visibility", Wire.ServerMessage.VisibilityFieldNumber);
        m.Fixed64(1, userId);
        m.Varint(2, (long)shows.Shows);
        if (shows.Until != 0)
        {
            m.Varint(3, shows.Until);
        }

        return End(m);
    }

    public override MessageBuffer FriendRequest(FriendRequestId id, string? name)
    {
        var m = BeginFriendRequest(id);
        if (name is not null)
        {
            m.Text(4, name);
        }

        return End(m);
    }

    public override MessageBuffer FriendRequestClosed(FriendRequestId id)
    {
        var m = BeginFriendRequest(id);
        m.Varint(5, 1);
        return End(m);
    }

    public override MessageBuffer Alert(long userId, string displayName, double distance)
    {
        var m = Begin("alert", Wire.ServerMessage.AlertFieldNumber);
        m.Fixed64(1, userId);
        m.Text(2, displayName);
        m.Fixed32(3, BitConverter.SingleToInt32Bits((float)distance));
        return End(m);
    }

    public override MessageBuffer Strangers(int list, ReadOnlySpan<FriendEntry> people, ReadOnlySpan<long> left, int total, string? reference)
    {
        var m = Begin("strangers", Wire.ServerMessage.StrangersFieldNumber);
        m.Varint(1, list);
        m.Varint(2, total);
        foreach (var person in people)
        {
            Friend(m, person);
        }

        foreach (var id in left)
        {
            m.Fixed64(4, id);
        }

        return End(m, reference);
    }

    public override MessageBuffer Reconnect(long afterMs)
    {
        var m = Begin("reconnect", Wire.ServerMessage.ReconnectFieldNumber);
        m.Varint(1, afterMs);
        return End(m);
    }

    public override MessageBuffer Token(long expiresAt, string? reference)
    {
        var m = Begin("token", Wire.ServerMessage.TokenFieldNumber);
        m.Varint(1, expiresAt);
        return End(m, reference);
    }

    public override MessageBuffer Error(string code, string message, string? reference, long now)
    {
        var m = Begin("error", Wire.ServerMessage.ErrorFieldNumber);
        m.Text(1, code);
        m.Text(2, message);
        if (string.Equals(code, ErrorCodes.ClockSkew, StringComparison.Ordinal))
        {
            m.Varint(3, now);
        }

        return End(m, reference);
    }

    /// <summary>Every message is one field of <c>ServerMessage</c>, the first thing in its buffer.</summary>
    private static MessageBuffer Begin(string type, int field)
    {
        var m = MessageBuffer.Rent(type);
        m.BeginMessage(field);
        return m;
    }

    private static MessageBuffer BeginFriendRequest(FriendRequestId id)
    {
        var m = Begin("friendRequest", Wire.ServerMessage.FriendRequestFieldNumber);
        m.Text(1, id.ToString());
        m.Fixed64(2, id.Requester);
        m.Fixed64(3, id.Addressee);
        return m;
    }

    private static MessageBuffer End(MessageBuffer m, string? reference = null)
    {
        m.EndMessage(0);
        if (reference is not null)
        {
            m.Text(Wire.ServerMessage.RefFieldNumber, reference);
        }

        return m;
    }

    /// <summary>Field 3 of <c>Nearby</c>, <c>Friends</c> and <c>Strangers</c>.</summary>
    private static void Friend(MessageBuffer m, in FriendEntry friend)
    {
        var entry = m.BeginMessage(3);
        m.Fixed64(1, friend.UserId);
        if (friend.DisplayName is not null)
        {
            m.Text(2, friend.DisplayName);
        }

        m.Fixed32(3, friend.Location.LatitudeE7);
        m.Fixed32(4, friend.Location.LongitudeE7);
        m.Fixed64(5, friend.Location.Time);
        m.Fixed32(6, BitConverter.SingleToInt32Bits((float)friend.DistanceMetres));
        if (friend.Accuracy.Metres is { } accuracy)
        {
            m.Varint(7, accuracy);
        }

        if (friend.IsApproximate)
        {
            m.Varint(8, 1);
        }

        m.EndMessage(entry);
    }

    private static ClientMessage? Message(Wire.ClientMessage wire) => wire.MessageCase switch
    {
        Wire.ClientMessage.MessageOneofCase.Location => new(ClientMessageType.Location) { Points = [Point(wire.Location)] },
        Wire.ClientMessage.MessageOneofCase.Locations => new(ClientMessageType.Locations) { Points = [.. wire.Locations.Items.Select(Point)] },
        Wire.ClientMessage.MessageOneofCase.Follow => new(ClientMessageType.Follow),
        Wire.ClientMessage.MessageOneofCase.Page => new(ClientMessageType.Page) { Cursor = wire.Page.Cursor },
        Wire.ClientMessage.MessageOneofCase.Radius => new(ClientMessageType.Radius) { Metres = wire.Radius.Metres },
        Wire.ClientMessage.MessageOneofCase.Pace => new(ClientMessageType.Pace) { FlushMs = wire.Pace.FlushMs },
        Wire.ClientMessage.MessageOneofCase.Background => new(ClientMessageType.Background),
        Wire.ClientMessage.MessageOneofCase.Foreground => new(ClientMessageType.Foreground),
        Wire.ClientMessage.MessageOneofCase.Token => new(ClientMessageType.Token) { AccessToken = wire.Token.AccessToken },
        Wire.ClientMessage.MessageOneofCase.Strangers => new(ClientMessageType.Strangers) { Metres = wire.Strangers.Radius },
        _ => null,
    };

    private static ClientPoint Point(Wire.ClientMessage.Types.Location point) => new(
        point.HasLat ? point.Lat : double.NaN,
        point.HasLon ? point.Lon : double.NaN,
        point.HasTime ? point.Time : null,
        point.HasAccuracy ? point.Accuracy : float.NaN);
}
