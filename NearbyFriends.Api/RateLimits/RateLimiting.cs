using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using NearbyFriends.Api.Callers;
using NearbyFriends.Api.Problems;
using NearbyFriends.ServiceDefaults.Problems;
using NearbyFriends.ServiceDefaults.RateLimits;

namespace NearbyFriends.Api.RateLimits;

/// <summary>
/// Limits the requests of a user and, of those without a valid token, of an address; what is over is answered with 429 and
/// Retry-After.
/// </summary>
/// <remarks>
/// The limits hold for every endpoint that does not say otherwise (as those of health do), however its path is written. A user is
/// not counted by address: a network operator or a company has thousands behind one. In Development requests from the machine
/// itself are not limited: every test client shares its address. Behind a proxy the address is that of the client only if
/// <c>Proxies:Networks</c> names the proxy.
/// </remarks>
public static class RateLimiting
{
    /// <summary>The policy of looking up users by name.</summary>
    public const string Lookups = "lookups";

    public static IServiceCollection AddRateLimits(this IServiceCollection services)
    {
        services.AddOptions<RateLimitOptions>().BindConfiguration(RateLimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<RateLimitOptions>, IHostEnvironment>(Configure);
        return services;
    }

    private static void Configure(RateLimiterOptions limiter, IOptions<RateLimitOptions> options, IHostEnvironment environment)
    {
        var limits = options.Value;
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = RefuseAsync;
        limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<HttpContext, string>(context => ByAddress(context, limits.RequestsPerAddress)),
            PartitionedRateLimiter.Create<HttpContext, string>(context => ByUser(context, limits.RequestsPerUser)));
        limiter.AddPolicy(Lookups, context => ByUser(context, limits.LookupsPerUser));

        RateLimitPartition<string> ByAddress(HttpContext context, int permits) =>
            IsExempt(context) || context.User.Subject() is not null || context.Connection.RemoteIpAddress is not { } address
                ? RateLimitPartition.GetNoLimiter("")
                : Window(ClientAddress.KeyOf(address), permits);

        RateLimitPartition<string> ByUser(HttpContext context, int permits) =>
            IsExempt(context) || context.User.Subject() is not { } subject
                ? RateLimitPartition.GetNoLimiter("")
                : Window(subject, permits);

        RateLimitPartition<string> Window(string key, int permits) => RateLimitPartition.GetFixedWindowLimiter(
            key, _ => new FixedWindowRateLimiterOptions { PermitLimit = permits, Window = limits.Window });

        bool IsExempt(HttpContext context) =>
            environment.IsDevelopment() && context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);
    }

    private static async ValueTask RefuseAsync(OnRejectedContext context, CancellationToken cancellationToken)
    {
        var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? retryAfter : TimeSpan.Zero;
        context.HttpContext.Response.Headers.RetryAfter =
            Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await new Problem(ProblemKind.RateLimited).ExecuteAsync(context.HttpContext);
    }
}
