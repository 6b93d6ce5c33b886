using System.Globalization;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Authentication;
using NearbyFriends.Gateway.Ingress;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Strangers;
using NearbyFriends.Gateway.Telemetry;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>Carries out what the client of one session asks for, and answers what it must not.</summary>
public sealed class SessionCommands(
    Session session, LocationCheck check, LocationIngress ingress, StrangersNearby strangers, Callers callers, GatewayOptions options,
    PresenceOptions presence, TimeProvider clock)
{
    private const double MessageCost = 100; // of any message, in friends looked at
    private const double TokenCost = 1_000; // a signature is checked
    private const string SharingIsOff = "Sharing is off: the location was not kept.";
    private const string NoLocation = "There is no current location of this user to show friends around.";
    private const string StrangersUnavailable = "Strangers cannot be shown now; ask again later.";
    private const int MinRadiusMetres = 100;
    private const int MaxStrangersRadiusMetres = 5_000;
    private const int MinFlushMs = 500;
    private const int MaxFlushMs = 30_000;

    private readonly TokenBucket _updates = new(options.UpdatesPerSecond, options.UpdateBurst, clock);
    private TokenBucket? _work; // many sessions only send locations
    private RecentCount? _offences; // few ever have one
    private RecentCount? _refusals;

    private TokenBucket Work => _work ??= new(options.WorkPerSecond, options.WorkBurst, clock);

    /// <summary>Carries out one message; false when the session must close with 1008.</summary>
    public async ValueTask<bool> HandleAsync(ReadOnlyMemory<byte> bytes)
    {
        session.Heard();
        var (message, problem, reference) = session.Format.Read(bytes.Span);
        return message is null ? Reject(ErrorCodes.InvalidMessage, problem!, reference)
            : !MayAsk(message.Type) ? Reject(ErrorCodes.RateLimited, "This comes too often; ask again later.", message.Ref)
            : message.Type switch
            {
                ClientMessageType.Location or ClientMessageType.Locations => await LocateAsync(message),
                ClientMessageType.Follow => Open(message.Ref),
                ClientMessageType.Page => await PageAsync(message),
                ClientMessageType.Radius => SetRadius(message),
                ClientMessageType.Pace => SetPace(message),
                ClientMessageType.Background => Background(),
                ClientMessageType.Foreground => Foreground(message.Ref),
                ClientMessageType.Token => await RenewAsync(message),
                ClientMessageType.Strangers => await ShowStrangersAsync(message),
                _ => Reject(ErrorCodes.InvalidMessage, "The field 'type' names no known message.", message.Ref),
            };
    }

    /// <summary>Whether the limits allow a message: locations have one of their own, the others one by what they cost.</summary>
    private bool MayAsk(ClientMessageType type) => type switch
    {
        ClientMessageType.Location or ClientMessageType.Locations => _updates.TryTake(),
        ClientMessageType.Radius or ClientMessageType.Foreground or ClientMessageType.Follow or ClientMessageType.Strangers =>
            Work.TryTake(MessageCost + session.FriendCount),
        ClientMessageType.Page => Work.TryTake(MessageCost + options.PageSize),
        ClientMessageType.Token => Work.TryTake(MessageCost + TokenCost),
        _ => Work.TryTake(MessageCost),
    };

    private async ValueTask<bool> LocateAsync(ClientMessage message)
    {
        var own = session.Own.Read();
        if (!own.SharesAt(clock.UnixMilliseconds()))
        {
            return Reject(ErrorCodes.NotSharing, SharingIsOff, message.Ref);
        }

        var (accepted, shown, rejection) = check.Check(
            new(session.UserId, own.SharingVersion, session.SharingSince, session.OwnLocation, own.SharingUntil, session.StrangerConsent.Version),
            message.Points);
        if (accepted.Count > 0 && session.WantsList)
        {
            ingress.Add(accepted, shown);
        }
        else if (accepted.Count > 0 && await ingress.AddNowAsync(accepted, shown) == LocationWrite.Hidden)
        {
            return Reject(ErrorCodes.NotSharing, SharingIsOff, message.Ref);
        }

        // After the write: who connects once the list was received finds this user.
        var isOpen = session.WantsList || (accepted.Count == 0 && rejection is not null) || session.OpenList(message.Ref);
        return rejection is { } r ? Reject(r.Code, r.Message, message.Ref)
            : Lateness(message, accepted) is { } late ? Reject(ErrorCodes.ClockSkew, late, message.Ref)
            : isOpen || Reject(ErrorCodes.NoLocation, NoLocation, message.Ref);
    }

    /// <summary>
    /// A sentence for a device that says where it is now but by a clock so slow that friends would never see it; null for others.
    /// What was gathered offline may be old.
    /// </summary>
    private string? Lateness(ClientMessage message, IReadOnlyList<LocationUpdate> accepted)
    {
        if (message.Type != ClientMessageType.Location || accepted.Count == 0 || session.OwnLocation is not null)
        {
            return null;
        }

        var behind = clock.UnixMilliseconds() - accepted[^1].Location.Time;
        return behind < presence.InactiveAfter.TotalMilliseconds ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"The field 'time' is {behind / 1_000} s behind the server, so friends do not see the location: if it is of this moment, the device's clock is wrong.");
    }

    private bool Open(string? reference) =>
        session.OpenList(reference) || Reject(ErrorCodes.NoLocation, NoLocation, reference);

    private async ValueTask<bool> PageAsync(ClientMessage message) =>
        await session.SendPageAsync(message.Cursor!, message.Ref)
        || Reject(ErrorCodes.CursorExpired, "The field 'cursor' names no page of the current list.", message.Ref);

    private bool SetRadius(ClientMessage message)
    {
        if (message.Metres is not { } metres || !(metres >= MinRadiusMetres && metres <= presence.MaxRadiusMetres))
        {
            return Reject(ErrorCodes.InvalidRadius, $"The field 'metres' must be a number from {MinRadiusMetres} to {presence.MaxRadiusMetres}.", message.Ref);
        }

        return session.SetRadius((int)metres, message.Ref) || Reject(ErrorCodes.NoLocation, NoLocation, message.Ref);
    }

    private bool SetPace(ClientMessage message)
    {
        if (message.FlushMs is not { } flushMs || !(flushMs >= MinFlushMs && flushMs <= MaxFlushMs))
        {
            return Reject(ErrorCodes.InvalidPace, $"The field 'flushMs' must be a number from {MinFlushMs} to {MaxFlushMs}.", message.Ref);
        }

        session.FlushEveryMs = (long)flushMs;
        return true;
    }

    private bool Background()
    {
        session.Background();
        return true;
    }

    private bool Foreground(string? reference) =>
        session.Foreground(reference) || Reject(ErrorCodes.NoLocation, NoLocation, reference);

    private async ValueTask<bool> RenewAsync(ClientMessage message)
    {
        Caller? caller;
        try
        {
            caller = await callers.ValidateAsync(message.AccessToken!);
        }
        catch (Exception)
        {
            return Reject(ErrorCodes.InvalidToken, "The token cannot be checked now; send it again.", message.Ref); // users or issuer are unavailable
        }

        if (caller is not { } token || token.UserId != session.UserId)
        {
            return Reject(ErrorCodes.InvalidToken, "The field 'accessToken' is no valid token of this session's user.", message.Ref);
        }

        session.TokenExpiresAt = token.TokenExpiresAt;
        session.Send(session.Format.Token(token.TokenExpiresAt, message.Ref));
        return true;
    }

    private async ValueTask<bool> ShowStrangersAsync(ClientMessage message)
    {
        if (message.Metres is not { } radius || !(radius == 0 || (radius >= MinRadiusMetres && radius <= MaxStrangersRadiusMetres)))
        {
            return Reject(
                ErrorCodes.InvalidRadius, $"The field 'radius' must be 0 or a number from {MinRadiusMetres} to {MaxStrangersRadiusMetres}.", message.Ref);
        }

        try
        {
            if (radius > 0 && !await strangers.IsConsentGivenAsync(session))
            {
                return Reject(ErrorCodes.NotSharing, "Strangers are off: switch them on with PATCH /v1/me {\"strangers\":true}.", message.Ref);
            }
        }
        catch (Exception)
        {
            return Reject(ErrorCodes.Partial, StrangersUnavailable, message.Ref); // users are unavailable
        }

        // Between changes of the user's friends, so that one that comes meanwhile is applied to the list. The answer is sent from there.
        _ = session.ChangeFriendsAsync(async () =>
        {
            if (!await strangers.TryShowAsync(session, (int)radius, session.FriendIds(), message.Ref))
            {
                Reject(ErrorCodes.Partial, StrangersUnavailable, message.Ref);
            }
        });
        return radius == 0 || session.Own.Read().HasLocation || Reject(ErrorCodes.NoLocation, "There is no current location of this user to show strangers around.", message.Ref);
    }

    private bool Reject(string code, string message, string? reference)
    {
        GatewayTelemetry.Errors.Add(1, new KeyValuePair<string, object?>("code", code));
        session.Send(session.Format.Error(code, message, reference, clock.UnixMilliseconds()));
        return code == ErrorCodes.RateLimited ? (_refusals ??= new(clock)).Add() < options.RefusalsPerMinute
            : !ErrorCodes.IsOffence(code) || (_offences ??= new(clock)).Add() < options.OffencesPerMinute;
    }
}
