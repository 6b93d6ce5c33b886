using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Api.Callers;
using NearbyFriends.Api.Paging;
using NearbyFriends.Api.Problems;
using NearbyFriends.Api.Users;
using NearbyFriends.Core;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.FriendRequests;

/// <summary>Asks a user to be friends.</summary>
/// <param name="UserId">A decimal string.</param>
public sealed record SendFriendRequest(
    [property: RequiredField, IdForm] string UserId);

/// <summary>A friend request.</summary>
/// <param name="Id">Opaque.</param>
/// <param name="From">Id of the user who asks.</param>
/// <param name="To">Id of the user who may answer.</param>
/// <param name="State"><c>pending</c>, <c>accepted</c> or <c>declined</c>.</param>
public sealed record FriendRequestView(string Id, string From, string To, string State)
{
    public static FriendRequestView Of(FriendRequestId id, string state) =>
        new(id.ToString(), UserId.Format(id.Requester), UserId.Format(id.Addressee), state);
}

/// <summary>A friend request that waits for its answer.</summary>
/// <param name="Id">Opaque.</param>
/// <param name="From">Id of the user who asks.</param>
/// <param name="To">Id of the user who may answer.</param>
/// <param name="State">Always <c>pending</c>.</param>
/// <param name="DisplayName">Of the user who is not you.</param>
/// <param name="RequestedAt">Unix milliseconds UTC.</param>
public sealed record PendingFriendRequestView(string Id, string From, string To, string State, string DisplayName, long RequestedAt);

/// <summary>Asking for friendship, and answering.</summary>
public static class FriendRequestsApi
{
    private const string Incoming = "incoming";
    private const string Outgoing = "outgoing";
    private const string Pending = "pending";
    private const string Accepted = "accepted";
    private const string Declined = "declined";

    public static RouteGroupBuilder MapFriendRequests(this RouteGroupBuilder v1)
    {
        var requests = v1.MapGroup("/friend-requests").RequireCaller().WithTags("Friend requests");
        requests.MapPost("/", SendAsync)
            .WithName("sendFriendRequest")
            .WithSummary("Asks a user to be friends")
            .WithDescription("When the other asked you already, you are friends at once: accepted. To ask again while the request is pending changes nothing (200). A declined request cannot be repeated for 30 days.")
            .WithProblems(
                ProblemKind.InvalidRequest, ProblemKind.NotFound, ProblemKind.FriendsAlready, ProblemKind.FriendLimit,
                ProblemKind.RequestDeclined, ProblemKind.UserBlocked, ProblemKind.Oneself);
        requests.MapGet("/", ListAsync)
            .WithName("listFriendRequests")
            .WithSummary("Requests that wait for an answer: yours (direction incoming), or another's (outgoing)")
            .WithProblems(ProblemKind.InvalidRequest);
        requests.MapPost("/{id}/accept", AcceptAsync)
            .WithName("acceptFriendRequest")
            .WithSummary("Accepts a request that was made to you")
            .WithDescription("Accepting again answers the same.")
            .WithProblems(ProblemKind.NotFound, ProblemKind.FriendLimit);
        requests.MapPost("/{id}/decline", DeclineAsync)
            .WithName("declineFriendRequest")
            .WithSummary("Declines a request that was made to you")
            .WithDescription("Declining again answers the same. The other cannot ask again for 30 days; you can.")
            .WithProblems(ProblemKind.NotFound);
        requests.MapDelete("/{id}", CancelAsync)
            .WithName("cancelFriendRequest")
            .WithSummary("Takes back a request that you made; nothing happens when it was answered or cancelled before")
            .WithProblems(ProblemKind.NotFound);
        return v1;
    }

    private static async Task<Results<Created<FriendRequestView>, Ok<FriendRequestView>, Problem>> SendAsync(
        Caller caller, SendFriendRequest request, FriendRequestStore requests, CancellationToken cancellationToken)
    {
        if (UserId.Parse(request.UserId) is not { } to)
        {
            return new Problem(ProblemKind.NotFound);
        }

        if (to == caller.Id)
        {
            return new Problem(ProblemKind.Oneself);
        }

        var id = new FriendRequestId(Addressee: to, Requester: caller.Id);
        return await requests.SendAsync(caller.Id, to, cancellationToken) switch
        {
            FriendRequestOutcome.Pending => TypedResults.Created((string?)null, FriendRequestView.Of(id, Pending)),
            FriendRequestOutcome.Accepted => TypedResults.Created((string?)null, FriendRequestView.Of(id, Accepted)),
            FriendRequestOutcome.PendingAlready => TypedResults.Ok(FriendRequestView.Of(id, Pending)),
            FriendRequestOutcome.FriendsAlready => new Problem(ProblemKind.FriendsAlready),
            FriendRequestOutcome.FriendLimit => new Problem(ProblemKind.FriendLimit),
            FriendRequestOutcome.DeclinedBefore => new Problem(ProblemKind.RequestDeclined),
            FriendRequestOutcome.Blocked => new Problem(ProblemKind.UserBlocked),
            _ => new Problem(ProblemKind.NotFound),
        };
    }

    private static async Task<Ok<Page<PendingFriendRequestView>>> ListAsync(
        Caller caller,
        FriendRequestStore requests,
        CancellationToken cancellationToken,
        [Description("incoming: made to you; outgoing: made by you")]
        [AllowedValues(Incoming, Outgoing, ErrorMessage = "The direction is incoming or outgoing.")] string direction = Incoming,
        Cursor? cursor = null,
        [Range(1, Page.MaxLimit)] int limit = 100)
    {
        var after = cursor?.After ?? 0;
        var rows = direction == Outgoing
            ? await requests.ListOutgoingAsync(caller.Id, after, limit + 1, cancellationToken)
            : await requests.ListIncomingAsync(caller.Id, after, limit + 1, cancellationToken);
        return TypedResults.Ok(Page.Of(
            rows,
            limit,
            row => direction == Outgoing ? row.Id.Addressee : row.Id.Requester,
            row => row.OtherName is not { } name
                ? null
                : new PendingFriendRequestView(
                    row.Id.ToString(), UserId.Format(row.Id.Requester), UserId.Format(row.Id.Addressee), Pending,
                    name, row.RequestedAt.ToUnixTimeMilliseconds())));
    }

    private static async Task<Results<Ok<FriendRequestView>, Problem>> AcceptAsync(
        Caller caller, string id, FriendRequestStore requests, CancellationToken cancellationToken) =>
        FriendRequestId.Parse(id) is not { } request
            ? new Problem(ProblemKind.NotFound)
            : await requests.AcceptAsync(caller.Id, request, cancellationToken) switch
            {
                FriendRequestOutcome.Accepted => TypedResults.Ok(FriendRequestView.Of(request, Accepted)),
                FriendRequestOutcome.FriendLimit => new Problem(ProblemKind.FriendLimit),
                _ => new Problem(ProblemKind.NotFound),
            };

    private static async Task<Results<Ok<FriendRequestView>, Problem>> DeclineAsync(
        Caller caller, string id, FriendRequestStore requests, CancellationToken cancellationToken) =>
        FriendRequestId.Parse(id) is { } request
        && await requests.DeclineAsync(caller.Id, request, cancellationToken) == FriendRequestOutcome.Declined
            ? TypedResults.Ok(FriendRequestView.Of(request, Declined))
            : new Problem(ProblemKind.NotFound);

    private static async Task<Results<NoContent, Problem>> CancelAsync(
        Caller caller, string id, FriendRequestStore requests, CancellationToken cancellationToken) =>
        FriendRequestId.Parse(id) is { } request && await requests.CancelAsync(caller.Id, request, cancellationToken)
            ? TypedResults.NoContent()
            : new Problem(ProblemKind.NotFound);
}
