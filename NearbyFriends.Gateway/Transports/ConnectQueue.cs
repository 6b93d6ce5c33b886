using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.ServiceDefaults.Problems;

namespace NearbyFriends.Gateway.Transports;

/// <summary>
/// Serves a storm of connects in order: so many at the same time that the database and the cache keep up, the others wait, and
/// who comes when too many wait is refused before any work is done for it.
/// </summary>
public sealed class ConnectQueue(IOptions<GatewayOptions> options) : IDisposable
{
    private const int RetryAfterSeconds = 5;

    private readonly ConcurrencyLimiter _limiter = new(new()
    {
        PermitLimit = options.Value.ConnectsAtOnce,
        QueueLimit = options.Value.ConnectsWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>A turn, to be disposed of once the session is open or refused; null when too many wait.</summary>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public async ValueTask<IDisposable?> EnterAsync(HttpContext http)
    {
        var lease = _limiter.AttemptAcquire();
        if (!lease.IsAcquired)
        {
            lease.Dispose();
            lease = await _limiter.AcquireAsync(1, http.RequestAborted); // its token would be kept as long as the connection
        }

        if (lease.IsAcquired)
        {
            return lease;
        }

        lease.Dispose();
        return null;
    }

    /// <summary>The answer to who was refused.</summary>
    public static ProblemHttpResult Refusal(HttpContext http)
    {
        http.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Problems.Of(ProblemKind.TooManyConnects, "Too many clients connect at the moment; try again.");
    }

    public void Dispose() => _limiter.Dispose();
}
