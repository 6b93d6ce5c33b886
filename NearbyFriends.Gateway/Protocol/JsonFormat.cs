using NearbyFriends.Core;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.Protocol;

/// <summary>The messages in JSON.</summary>
internal sealed class JsonFormat : MessageFormat
{
    public override (ClientMessage? Message, string? Problem, string? Ref) Read(ReadOnlySpan<byte> bytes) => ClientMessageReader.Read(bytes);

    public override MessageBuffer Welcome(Welcome welcome)
    {
        var m = Begin("welcome");
        m.Raw(",\"userId\":\""u8);
        m.Number(welcome.UserId);
        m.Raw("\",\"sessionId\":"u8);
        m.Plain(welcome.SessionId);
        SharingFields(m, welcome.Sharing, welcome.SharingUntil);
        Field(m, ",\"radius\":"u8, welcome.RadiusMetres);
        Field(m, ",\"pageSize\":"u8, welcome.PageSize);
        Field(m, ",\"flushMs\":"u8, welcome.FlushMs);
        Field(m, ",\"updateEveryMs\":"u8, welcome.UpdateEveryMs);
        Field(m, ",\"inactiveAfterMs\":"u8, welcome.InactiveAfterMs);
        Field(m, ",\"now\":"u8, welcome.Now);
        return End(m);
    }

    public override MessageBuffer Nearby(int list, int page, ReadOnlySpan<FriendEntry> friends, int total, string? cursor, string? reference)
    {
        var m = Begin("nearby");
        Field(m, ",\"list\":"u8, list);
        Field(m, ",\"page\":"u8, page);
        m.Raw(",\"friends\":["u8);
        for (var i = 0; i < friends.Length; i++)
        {
            m.Raw(i == 0 ? default : ","u8);
            Friend(m, friends[i]);
        }

        Field(m, "],\"total\":"u8, total);
        m.Raw(",\"cursor\":"u8);
        if (cursor is null)
        {
            m.Raw("null"u8);
        }
        else
        {
            m.Plain(cursor);
        }

        return End(m, reference);
    }

    public override MessageBuffer BeginFriends(int list, int total)
    {
        var m = Begin("friends");
        Field(m, ",\"list\":"u8, list);
        Field(m, ",\"total\":"u8, total);
        m.Raw(",\"moved\":["u8);
        return m;
    }

    public override void Moved(MessageBuffer message, in FriendEntry friend, bool first)
    {
        message.Raw(first ? default : ","u8);
        Friend(message, friend);
    }

    public override MessageBuffer EndFriends(MessageBuffer message, List<(long UserId, bool Away)> left)
    {
        message.Raw("],\"left\":["u8);
        for (var i = 0; i < left.Count; i++)
        {
            message.Raw(i == 0 ? "{\"id\":\""u8 : ",{\"id\":\""u8);
            message.Number(left[i].UserId);
            message.Raw(left[i].Away ? "\",\"reason\":\"away\"}"u8 : "\",\"reason\":\"gone\"}"u8);
        }

        message.Raw("]"u8);
        return End(message);
    }

    public override MessageBuffer FriendAdded(long userId, string displayName)
    {
        var m = Begin("friendAdded");
        m.Raw(",\"friend\":{\"id\":\""u8);
        m.Number(userId);
        m.Raw("\",\"name\":"u8);
        m.Text(displayName);
        m.Raw("}"u8);
        return End(m);
    }

    public override MessageBuffer FriendRemoved(long userId)
    {
        var m = Begin("friendRemoved");
        m.Raw(",\"id\":\""u8);
        m.Number(userId);
        m.Raw("\""u8);
        return End(m);
    }

    public override MessageBuffer Sharing(bool sharing, long until)
    {
        var m = Begin("sharing");
        SharingFields(m, sharing, until);
        return End(m);
    }

    public override MessageBuffer Visibility(long userId, FriendVisibility shows)
    {
        var m = Begin("visibility");
        m.Raw(",\"id\":\""u8);
        m.Number(userId);
        m.Raw(shows.Shows switch
        {
            Core.Visibility.Exact => "\",\"shows\":\"exact\""u8,
            Core.Visibility.Approximate => "\",\"shows\":\"approximate\""u8,
            _ => "\",\"shows\":\"nothing\""u8,
        });
        if (shows.Until != 0)
        {
            Field(m, ",\"until\":"u8, shows.Until);
        }

        return End(m);
    }

    public override MessageBuffer FriendRequest(FriendRequestId id, string? name)
    {
        var m = BeginFriendRequest(id);
        m.Raw(",\"state\":\"pending\""u8);
        if (name is not null)
        {
            m.Raw(",\"name\":"u8);
            m.Text(name);
        }

        return End(m);
    }

    public override MessageBuffer FriendRequestClosed(FriendRequestId id)
    {
        var m = BeginFriendRequest(id);
        m.Raw(",\"state\":\"closed\""u8);
        return End(m);
    }

    public override MessageBuffer Alert(long userId, string displayName, double distance)
    {
        var m = Begin("alert");
        m.Raw(",\"friend\":{\"id\":\""u8);
        m.Number(userId);
        m.Raw("\",\"name\":"u8);
        m.Text(displayName);
        m.Raw("},\"distance\":"u8);
        m.Metres(distance);
        return End(m);
    }

    public override MessageBuffer Strangers(int list, ReadOnlySpan<FriendEntry> people, ReadOnlySpan<long> left, int total, string? reference)
    {
        var m = Begin("strangers");
        Field(m, ",\"list\":"u8, list);
        m.Raw(",\"people\":["u8);
        for (var i = 0; i < people.Length; i++)
        {
            m.Raw(i == 0 ? default : ","u8);
            Friend(m, people[i]);
        }

        m.Raw("],\"left\":["u8);
        for (var i = 0; i < left.Length; i++)
        {
            m.Raw(i == 0 ? "\""u8 : ",\""u8);
            m.Number(left[i]);
            m.Raw("\""u8);
        }

        Field(m, "],\"total\":"u8, total);
        return End(m, reference);
    }

    public override MessageBuffer Reconnect(long afterMs)
    {
        var m = Begin("reconnect");
        Field(m, ",\"afterMs\":"u8, afterMs);
        return End(m);
    }

    public override MessageBuffer Token(long expiresAt, string? reference)
    {
        var m = Begin("token");
        Field(m, ",\"expiresAt\":"u8, expiresAt);
        return End(m, reference);
    }

    public override MessageBuffer Error(string code, string message, string? reference, long now)
    {
        var m = Begin("error");
        m.Raw(",\"code\":"u8);
        m.Plain(code);
        m.Raw(",\"message\":"u8);
        m.Text(message);
        if (string.Equals(code, ErrorCodes.ClockSkew, StringComparison.Ordinal))
        {
            Field(m, ",\"now\":"u8, now);
        }

        return End(m, reference);
    }

    private static MessageBuffer Begin(string type)
    {
        var m = MessageBuffer.Rent(type);
        m.Raw("{\"type\":"u8);
        m.Plain(type);
        return m;
    }

    private static MessageBuffer BeginFriendRequest(FriendRequestId id)
    {
        var m = Begin("friendRequest");
        m.Raw(",\"id\":"u8);
        m.Plain(id.ToString());
        Field(m, ",\"from\":\""u8, id.Requester);
        Field(m, "\",\"to\":\""u8, id.Addressee);
        m.Raw("\""u8);
        return m;
    }

    private static MessageBuffer End(MessageBuffer m, string? reference = null)
    {
        if (reference is not null)
        {
            m.Raw(",\"ref\":"u8);
            m.Text(reference);
        }

        m.Raw("}"u8);
        return m;
    }

    private static void SharingFields(MessageBuffer m, bool sharing, long until)
    {
        m.Raw(sharing ? ",\"sharing\":true"u8 : ",\"sharing\":false"u8);
        if (sharing && until != 0)
        {
            Field(m, ",\"sharingUntil\":"u8, until);
        }
    }

    private static void Field(MessageBuffer m, ReadOnlySpan<byte> name, long value)
    {
        m.Raw(name);
        m.Number(value);
    }

    private static void Friend(MessageBuffer m, in FriendEntry friend)
    {
        m.Raw("{\"id\":\""u8);
        m.Number(friend.UserId);
        m.Raw("\""u8);
        if (friend.DisplayName is not null)
        {
            m.Raw(",\"name\":"u8);
            m.Text(friend.DisplayName);
        }

        m.Raw(",\"lat\":"u8);
        m.Degrees(friend.Location.LatitudeE7);
        m.Raw(",\"lon\":"u8);
        m.Degrees(friend.Location.LongitudeE7);
        Field(m, ",\"time\":"u8, friend.Location.Time);
        m.Raw(",\"distance\":"u8);
        m.Metres(friend.DistanceMetres);
        if (friend.Accuracy.Metres is { } accuracy)
        {
            Field(m, ",\"accuracy\":"u8, accuracy);
        }

        m.Raw(friend.IsApproximate ? ",\"approximate\":true"u8 : default);
        m.Raw("}"u8);
    }
}
