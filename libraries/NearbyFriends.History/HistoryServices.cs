using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace NearbyFriends.History;

/// <summary>Registers the parts of the history that a service needs.</summary>
public static class HistoryServices
{
    /// <summary>
    /// <see cref="HistoryReader"/>, <see cref="HistoryEraser"/>, and the migration of the database at start. Needs the
    /// keyed Postgres database <c>history</c>.
    /// </summary>
    public static IServiceCollection AddHistoryDatabase(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<HistoryReader>();
        services.AddSingleton<HistoryEraser>();
        services.AddSingleton<HistorySchema>();
        return services.AddValidatedHostedService<HistorySchema>();
    }

    /// <summary>
    /// Starts a registered singleton with the host. The host makes its services before it validates the options; those
    /// that need a server would then fail with what its client says, instead of the sentence that names the setting.
    /// </summary>
    public static IServiceCollection AddValidatedHostedService<T>(this IServiceCollection services) where T : class, IHostedService =>
        services.AddHostedService(provider =>
        {
            provider.GetService<IStartupValidator>()?.Validate();
            return provider.GetRequiredService<T>();
        });
}
