using System.Text.Json;
using NearbyFriends.Client.Connection;
using NearbyFriends.Client.Lists;
using NearbyFriends.Client.Wire;

namespace NearbyFriends.Client;

/// <summary>What the gateway says, and the pages one asks for.</summary>
public sealed partial class NearbyClient
{
    private const string StrangersRef = "strangers";
    private const string FollowRef = "follow";
    private const long FollowAgainMilliseconds = 5_000;

    private static readonly PlainMessage Follow = new("follow", FollowRef);

    private TaskCompletionSource? _page;
    private string _pageRef = "";
    private long _pageRefs;

    /// <summary>Asks for the next page of the list and waits for it, or for a new list that takes the place of this one.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="NearbyRequestException">
    /// The snapshot behind the list is older than 5 minutes (<c>cursor_expired</c>), or the connection ended first
    /// (<c>disconnected</c>). Either way a new list comes by itself.
    /// </exception>
    public async Task<bool> MoreAsync(CancellationToken cancellationToken = default)
    {
        string cursor;
        Task page;
        bool ask;
        lock (_gate)
        {
            if (List.Cursor is null)
            {
                return false;
            }

            cursor = List.Cursor;
            ask = _page is null;
            if (ask)
            {
                _pageRef = $"page-{++_pageRefs}";
                _page = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            page = _page!.Task;
        }

        if (ask && !await TrySendAsync(new PageMessage(cursor, _pageRef), WireJson.Default.PageMessage, cancellationToken))
        {
            FailPage("disconnected", "There is no connection.");
        }

        await page.WaitAsync(cancellationToken);
        return true;
    }

    /// <summary>Asks for all remaining pages.</summary>
    /// <exception cref="NearbyRequestException">As <see cref="MoreAsync"/>.</exception>
    public async Task LoadAllAsync(CancellationToken cancellationToken = default)
    {
        while (await MoreAsync(cancellationToken))
        {
        }
    }

    private void OnMessage(ReadOnlySpan<byte> message)
    {
        var type = ServerMessages.TypeOf(message);
        lock (_gate)
        {
            if (_socket is { } socket)
            {
                _sent.Heard();
                Dispatch(type, message, socket);
                TellChanges();
            }
        }
    }

    private void Dispatch(ServerMessageType type, ReadOnlySpan<byte> message, GatewaySocket socket)
    {
        switch (type)
        {
            case ServerMessageType.Welcome:
                OnWelcome(JsonSerializer.Deserialize(message, WireJson.Default.Welcome)!, socket);
                break;
            case ServerMessageType.Nearby:
                OnNearby(JsonSerializer.Deserialize(message, WireJson.Default.NearbyMessage)!);
                break;
            case ServerMessageType.Friends:
                List.Apply(JsonSerializer.Deserialize(message, WireJson.Default.FriendsMessage)!, _changes);
                break;
            case ServerMessageType.Strangers when _strangersRadius > 0: // else it was ended meanwhile
                Strangers.Apply(JsonSerializer.Deserialize(message, WireJson.Default.StrangersMessage)!);
                StrangersChanged?.Invoke(this, Strangers);
                break;
            case ServerMessageType.FriendAdded:
                var added = JsonSerializer.Deserialize(message, WireJson.Default.FriendAddedMessage)!.Friend;
                FriendAdded?.Invoke(this, new(added.Id, added.Name));
                break;
            case ServerMessageType.FriendRemoved:
                var removed = JsonSerializer.Deserialize(message, WireJson.Default.FriendRemovedMessage)!.Id;
                List.Remove(removed, LeaveReason.Gone, _changes);
                TellChanges();
                FriendRemoved?.Invoke(this, new(removed));
                break;
            case ServerMessageType.FriendRequest:
                var request = JsonSerializer.Deserialize(message, WireJson.Default.FriendRequestMessage)!;
                FriendRequestChanged?.Invoke(this, new(request.Id, request.From, request.To, request.State, request.Name));
                break;
            case ServerMessageType.Alert:
                var alert = JsonSerializer.Deserialize(message, WireJson.Default.AlertMessage)!;
                Alerted?.Invoke(this, new(alert.Friend.Id, alert.Friend.Name, alert.Distance));
                break;
            case ServerMessageType.Sharing:
                OnSharing(JsonSerializer.Deserialize(message, WireJson.Default.SharingMessage)!);
                break;
            case ServerMessageType.Visibility:
                var visibility = JsonSerializer.Deserialize(message, WireJson.Default.VisibilityMessage)!;
                VisibilityChanged?.Invoke(this, new(visibility.Id, visibility.Shows, visibility.Until));
                break;
            case ServerMessageType.Reconnect:
                OnReconnect(JsonSerializer.Deserialize(message, WireJson.Default.ReconnectMessage)!.AfterMs, socket);
                break;
            case ServerMessageType.Error:
                OnError(JsonSerializer.Deserialize(message, WireJson.Default.ErrorMessage)!);
                break;
            default:
                break;
        }
    }

    private void OnNearby(NearbyMessage page)
    {
        var isNew = page.List != List.Number;
        List.Apply(page, _changes);
        ConfirmGathered(page.Ref);
        _followAgainAt = null;

        // A page of a list that was replaced is of no use: who waits for it takes the new list.
        if (_page is { } waiting && (page.Ref == _pageRef || (isNew && page.Page <= 1) || (page.Ref is null && page.Page > 1)))
        {
            _page = null;
            waiting.TrySetResult();
        }
    }

    private void OnSharing(SharingMessage message)
    {
        SetSharing(message.Sharing);
        SharingChanged?.Invoke(this, new(message.Sharing, message.SharingUntil));
        if (!message.Sharing)
        {
            return;
        }

        if (_following)
        {
            _ = TrySendAsync(Follow, WireJson.Default.PlainMessage, CancellationToken.None).AsTask();
        }
        else if (Here() is { } here)
        {
            _ = SendAsync(here).AsTask(); // friends see it under the new consent
        }
    }

    /// <summary>Who does not share sees nobody, and gets no list that says so; nor is anything kept of where it is.</summary>
    private void SetSharing(bool sharing)
    {
        _sharing = sharing;
        if (!sharing)
        {
            _offline.Clear();
            _sent.Take();
            List.Clear(_changes);
            ClearStrangers();
        }
    }

    private void ClearStrangers()
    {
        Strangers.Clear();
        StrangersChanged?.Invoke(this, Strangers);
    }

    private void OnReconnect(long afterMilliseconds, GatewaySocket socket)
    {
        var after = Math.Clamp(afterMilliseconds, 0, 10 * 60 * 1000);
        _reconnectAt = UnixNow + after;
        _ = LeaveAfterAsync(socket, TimeSpan.FromMilliseconds(after));
    }

    private void OnError(ErrorMessage error)
    {
        if (error.Code != "rate_limited")
        {
            ConfirmGathered(error.Ref); // there is no list to show, and yet the gateway has what came before the question
        }

        switch (error)
        {
            case { Ref: StrangersRef }:
                if (error.Code != "no_location") // else they come with the location
                {
                    ClearStrangers();
                }

                break;
            case { Code: "clock_skew", Now: { } now }:
                Interlocked.Exchange(ref _clockOffset, now - UnixNow);
                _sent.Take(); // their times are wrong
                if (_reported is { } reported)
                {
                    _reported = reported with { Time = Now };
                    _ = SendAsync(_reported.Value).AsTask();
                }

                break;
            case { Code: "cursor_expired" } when _page is not null && error.Ref == _pageRef:
                FailPage(error.Code, error.Message);
                _ = TrySendAsync(new PlainMessage("foreground"), WireJson.Default.PlainMessage, CancellationToken.None).AsTask();
                break;
            case { Code: "no_location", Ref: FollowRef }:
                _followAgainAt = Now + FollowAgainMilliseconds;
                break;
            case { Code: "not_sharing" }:
                OnSharing(new SharingMessage { Sharing = false });
                break;
            case { Ref: { } answered } when answered == _pageRef:
                FailPage(error.Code, error.Message);
                break;
            default:
                break;
        }

        Error?.Invoke(this, new(error.Code, error.Message));
    }

    private void FailPage(string code, string? message)
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            (waiting, _page) = (_page, null);
        }

        waiting?.TrySetException(new NearbyRequestException(new GatewayError(code, message)));
    }
}
