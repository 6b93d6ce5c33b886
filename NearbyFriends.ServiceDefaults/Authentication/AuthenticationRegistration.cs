using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace NearbyFriends.ServiceDefaults.Authentication;

/// <summary>Adds authentication to a service.</summary>
public static class AuthenticationRegistration
{
    /// <summary>Checks bearer tokens as section <c>Auth</c> says, and adds the policy <see cref="OperatorPolicy"/> and <see cref="DevelopmentTokens"/>.</summary>
    /// <remarks>Settings that cannot work stop the service at start, with a sentence that names the setting.</remarks>
    public static void AddNearbyAuthentication(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AuthOptions>().BindConfiguration(AuthOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<AuthOptions>, ValidateAuthOptions>();
        builder.Services.AddSingleton<DevelopmentTokens>();
        builder.Services.AddSingleton<IConfigureOptions<JwtBearerOptions>, BearerTokens>();
        builder.Services.AddSingleton<WrongKeys>();
        builder.Services.AddSingleton<IAuthorizationHandler, OperatorPolicy.Handler>();
        builder.Services.AddSingleton<IAuthorizationMiddlewareResultHandler, OperatorAudit.Refusals>();
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        builder.Services.AddAuthorizationBuilder().AddPolicy(OperatorPolicy.Name, OperatorPolicy.Build);
    }

    /// <summary>Whether anybody gets tokens without a login: in Development, unless a provider issues them.</summary>
    public static bool GivesTokensToAnybody(this IServiceProvider services) =>
        services.GetRequiredService<IHostEnvironment>().IsDevelopment()
        && services.GetRequiredService<IOptions<AuthOptions>>().Value.SigningKey is { Length: > 0 };
}
