using Microsoft.Extensions.DependencyInjection;

namespace NearbyFriends.ServiceDefaults.Health;

/// <summary>
/// What keeps this process from serving: it is starting, or draining. A server that all replicas share is never one: if it
/// were, its failure would take the whole fleet out.
/// </summary>
/// <param name="Name">Of the condition, such as <c>draining</c>.</param>
/// <param name="Problem">A sentence while the process cannot serve, else null. Asked at every probe, so it only reads memory.</param>
public sealed record ReadinessCondition(string Name, Func<string?> Problem);

/// <summary>Registers readiness conditions.</summary>
public static class ReadinessRegistration
{
    /// <summary>Keeps the service unready as long as <paramref name="problem"/> answers a sentence.</summary>
    /// <inheritdoc cref="ReadinessCondition" path="/param"/>
    public static IServiceCollection AddReadiness(this IServiceCollection services, string name, Func<IServiceProvider, string?> problem) =>
        services.AddSingleton(provider => new ReadinessCondition(name, () => problem(provider)));
}
