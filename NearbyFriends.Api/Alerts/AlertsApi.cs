using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using NearbyFriends.Api.Callers;
using NearbyFriends.Api.Problems;
using NearbyFriends.Api.Users;
using NearbyFriends.Core;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Api.Alerts;

/// <summary>When you are told that a friend comes near.</summary>
/// <param name="Within">How near: metres.</param>
/// <param name="Cooldown">Seconds in which no second alert about the same friend follows; an hour if absent.</param>
public sealed record SetAlert(
    [property: RequiredField]
    [property: Range(AlertRule.MinWithinMetres, AlertRule.MaxWithinMetres, ErrorMessage = "The distance must lie between 50 and 16093 metres.")]
    int? Within,
    [property: Range(AlertRule.MinCooldownSeconds, AlertRule.MaxCooldownSeconds, ErrorMessage = "The cooldown must lie between 60 and 604800 seconds.")]
    int? Cooldown = null)
{
    public AlertRule ToRule() => new(Within!.Value, Cooldown ?? AlertRule.DefaultCooldownSeconds);
}

/// <summary>An alert that is set.</summary>
/// <param name="UserId">Id of the friend, or <c>anyone</c>: every friend who has no alert of its own.</param>
/// <param name="Within">Metres.</param>
/// <param name="Cooldown">Seconds.</param>
public sealed record AlertView(string UserId, int Within, int Cooldown)
{
    public static AlertView Of(long friend, AlertRule rule) =>
        new(friend == AlertRule.Anyone ? AlertsApi.Anyone : Core.UserId.Format(friend), rule.WithinMetres, rule.CooldownSeconds);
}

/// <summary>All of your alerts.</summary>
/// <param name="Items">The one about anyone comes first.</param>
public sealed record AlertList(IReadOnlyList<AlertView> Items);

/// <summary>Being told when friends come near.</summary>
public static class AlertsApi
{
    internal const string Anyone = "anyone";

    private const string FriendOrAnyone = "Id of a friend, or anyone";

    private const string Description =
        "Once for each approach: not again before the friend was farther away than this distance and 20 %, at least 100 m, for two minutes; and not again within the cooldown. Only about friends who show you their exact position, while both share. In open sessions as the message alert, else by push.";

    public static RouteGroupBuilder MapAlerts(this RouteGroupBuilder v1)
    {
        var alerts = v1.MapGroup("/alerts").RequireCaller().WithTags("Alerts");
        alerts.MapGet("/", ListAsync).WithName("listAlerts").WithSummary("Your alerts");
        alerts.MapGet("/{userId}", GetAsync)
            .WithName("getAlert")
            .WithSummary("Your alert about a friend, or about anyone")
            .WithProblems(ProblemKind.NotFound);
        alerts.MapPut("/{userId}", SetAsync)
            .WithName("setAlert")
            .WithSummary("Tells you when a friend, or anyone of your friends, comes near")
            .WithDescription(Description)
            .WithProblems(ProblemKind.InvalidRequest, ProblemKind.NotFound);
        alerts.MapDelete("/{userId}", RemoveAsync)
            .WithName("removeAlert")
            .WithSummary("Takes an alert away; nothing happens when there is none")
            .WithProblems(ProblemKind.NotFound);
        return v1;
    }

    private static async Task<Ok<AlertList>> ListAsync(Caller caller, AlertRules rules, CancellationToken cancellationToken) =>
        TypedResults.Ok(new AlertList([.. (await rules.ListAsync(caller.Id, cancellationToken)).Select(rule => AlertView.Of(rule.Friend, rule.Rule))]));

    private static async Task<Results<Ok<AlertView>, Problem>> GetAsync(
        Caller caller, [Description(FriendOrAnyone)] string userId, AlertRules rules, CancellationToken cancellationToken)
    {
        var friend = FriendOf(userId);
        var all = await rules.ListAsync(caller.Id, cancellationToken);
        var found = all.Where(one => one.Friend == friend).Select(one => AlertView.Of(one.Friend, one.Rule)).FirstOrDefault();
        return found is null ? new Problem(ProblemKind.NotFound) : TypedResults.Ok(found);
    }

    private static async Task<Results<Ok<AlertView>, Problem>> SetAsync(
        Caller caller, [Description(FriendOrAnyone)] string userId, SetAlert alert, AlertRules rules, CancellationToken cancellationToken) =>
        FriendOf(userId) is { } friend && await rules.SetAsync(caller.Id, friend, alert.ToRule(), cancellationToken)
            ? TypedResults.Ok(AlertView.Of(friend, alert.ToRule()))
            : new Problem(ProblemKind.NotFound);

    private static async Task<Results<NoContent, Problem>> RemoveAsync(
        Caller caller, [Description(FriendOrAnyone)] string userId, AlertRules rules, CancellationToken cancellationToken)
    {
        if (FriendOf(userId) is not { } friend)
        {
            return new Problem(ProblemKind.NotFound);
        }

        await rules.RemoveAsync(caller.Id, friend, cancellationToken);
        return TypedResults.NoContent();
    }

    private static long? FriendOf(string userId) => userId == Anyone ? AlertRule.Anyone : UserId.Parse(userId);
}
