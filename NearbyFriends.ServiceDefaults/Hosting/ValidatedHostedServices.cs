using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace NearbyFriends.ServiceDefaults.Hosting;

/// <summary>Registers background work that starts only with valid settings.</summary>
public static class ValidatedHostedServices
{
    /// <summary>
    /// Starts a registered singleton with the host. The host makes its services before it validates the options; those
    /// that need a server would then fail with what its client says, instead of the sentence that names the setting.
    /// </summary>
    public static IServiceCollection AddValidatedHostedService<T>(this IServiceCollection services) where T : class, IHostedService =>
        services.AddValidatedHostedService(provider => provider.GetRequiredService<T>());

    /// <summary>Starts what <paramref name="find"/> answers; of one type there may be several, which AddHostedService would take for one.</summary>
    /// <inheritdoc cref="AddValidatedHostedService{T}(IServiceCollection)"/>
    public static IServiceCollection AddValidatedHostedService<T>(this IServiceCollection services, Func<IServiceProvider, T> find) where T : class, IHostedService =>
        services.AddSingleton<IHostedService>(provider =>
        {
            provider.GetService<IStartupValidator>()?.Validate();
            return find(provider);
        });
}
