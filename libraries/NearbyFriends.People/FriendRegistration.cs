using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace NearbyFriends.People;

/// <summary>Registers users and friendships for the services that read them.</summary>
public static class FriendRegistration
{
    /// <summary>
    /// Adds <see cref="IFriendSource"/> as section <c>Friends</c> chooses it. From the database it needs the keyed
    /// data source <c>users</c>; from an API it does not.
    /// </summary>
    public static IServiceCollection AddFriendSource(this IServiceCollection services)
    {
        services.AddOptions<FriendOptions>().BindConfiguration(FriendOptions.Section).ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<FriendOptions>, ValidateFriendOptions>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new FriendSubjects(
            AreUserIds: string.IsNullOrEmpty(provider.GetRequiredService<IConfiguration>()["Auth:Authority"])));
        // Made when asked for: with Source=Api there is no database to make them from.
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<FriendDatabase>(provider));
        services.AddSingleton<FriendApi>();
        services.AddSingleton<IFriendSource>(provider => provider.GetRequiredService<IOptions<FriendOptions>>().Value.Source switch
        {
            FriendSourceKind.Api => provider.GetRequiredService<FriendApi>(),
            _ => provider.GetRequiredService<FriendDatabase>(),
        });
        return services;
    }
}
