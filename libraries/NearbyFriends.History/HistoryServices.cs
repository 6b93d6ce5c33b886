using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace NearbyFriends.History;

/// <summary>Registers the parts of the history that a service needs.</summary>
public static class HistoryServices
{
    /// <summary>
    /// <see cref="HistoryReader"/> and <see cref="HistoryEraser"/>. Needs the keyed Postgres database <c>history</c>.
    /// </summary>
    public static IServiceCollection AddHistoryDatabase(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<HistoryReader>();
        services.AddSingleton<HistoryEraser>();
        return services;
    }
}
