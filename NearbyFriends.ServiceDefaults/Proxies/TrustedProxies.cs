using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace NearbyFriends.ServiceDefaults.Proxies;

/// <summary>Configuration section <c>Proxies</c>: who may say for whom it forwards.</summary>
public sealed record ProxyOptions
{
    public const string Section = "Proxies";

    /// <summary>
    /// Networks of the proxies and balancers in front of the services, such as <c>10.0.0.0/8</c>; none by default. Only what they send is
    /// believed of <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c>: anybody may send these headers.
    /// </summary>
    public IReadOnlyList<string> Networks { get; init; } = [];
}

/// <summary>Takes a client's address from the configured proxies, and from nobody else.</summary>
internal static class TrustedProxies
{
    public static void AddTrustedProxies(this IServiceCollection services)
    {
        services.AddOptions<ProxyOptions>().BindConfiguration(ProxyOptions.Section)
            .Validate(
                options => options.Networks.All(network => IPNetwork.TryParse(network, out _)),
                "Proxies:Networks must be networks such as 10.0.0.0/8.")
            .ValidateOnStart();

        // After the framework, which believes everybody when ASPNETCORE_FORWARDEDHEADERS_ENABLED is set, as deployments do.
        services.AddOptions<ForwardedHeadersOptions>().PostConfigure<IOptions<ProxyOptions>>((forwarded, proxies) =>
        {
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in proxies.Value.Networks)
            {
                forwarded.KnownIPNetworks.Add(IPNetwork.Parse(network));
            }

            forwarded.ForwardedHeaders = proxies.Value.Networks.Count > 0
                ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto
                : ForwardedHeaders.None; // without a known network the framework believes everybody
        });
        services.AddSingleton<IStartupFilter, BeforeEverything>();
    }

    private sealed class BeforeEverything : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.UseForwardedHeaders();
            next(app);
        };
    }
}
