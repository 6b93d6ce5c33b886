using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Api.Callers;
using NearbyFriends.LocationCache.Tickets;

namespace NearbyFriends.Api.Tickets;

/// <summary>A ticket for one socket or stream.</summary>
/// <param name="Ticket">Goes into the query string as <c>ticket</c>.</param>
/// <param name="ExpiresIn">Seconds until it is worth nothing.</param>
public sealed record TicketView(string Ticket, int ExpiresIn);

/// <summary>Tickets for browsers, which cannot send a token when they open a socket or a stream.</summary>
public static class TicketsApi
{
    public static RouteGroupBuilder MapTickets(this RouteGroupBuilder v1)
    {
        v1.MapGroup("/tickets").RequireCaller().WithTags("Tickets").MapPost("/", IssueAsync)
            .WithName("issueTicket")
            .WithSummary("Issues a single-use ticket for a socket or stream")
            .WithDescription("The session that it opens ends when the token expires with which the ticket was issued.");
        return v1;
    }

    private static async Task<Ok<TicketView>> IssueAsync(Caller caller, ClaimsPrincipal principal, TicketStore tickets)
    {
        var expiry = DateTimeOffset.FromUnixTimeSeconds(long.Parse(principal.FindFirstValue("exp")!, CultureInfo.InvariantCulture));
        return TypedResults.Ok(new TicketView(await tickets.IssueAsync(caller.Id, expiry), (int)TicketStore.Lifetime.TotalSeconds));
    }
}
