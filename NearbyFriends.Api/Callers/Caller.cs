using System.Reflection;

namespace NearbyFriends.Api.Callers;

/// <summary>The user who makes the request; an endpoint that takes one is served only to existing users.</summary>
public sealed record Caller(long Id)
{
    /// <summary>Binds a handler's parameter to what <see cref="CallerMiddleware"/> found.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(context.Features.Get<Caller>());
}
