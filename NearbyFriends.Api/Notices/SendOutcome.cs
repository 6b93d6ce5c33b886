using System.Net;
using System.Net.Http.Headers;

namespace NearbyFriends.Api.Notices;

/// <summary>What came of sending a notice to one receiver.</summary>
public enum SendResult
{
    /// <summary>The receiver has it.</summary>
    Sent,

    /// <summary>The receiver is no more (404, 410).</summary>
    Gone,

    /// <summary>The receiver does not want it, and would not the next time (another 3xx or 4xx).</summary>
    Refused,

    /// <summary>It may succeed later: no answer in time, 408, 429, 5xx.</summary>
    Failed,
}

/// <summary>What came of sending a notice to one receiver.</summary>
/// <param name="Result">What came of it.</param>
/// <param name="RetryAfter">How long the receiver asks to wait before the next attempt; zero if it does not ask.</param>
public readonly record struct SendOutcome(SendResult Result, TimeSpan RetryAfter = default)
{
    /// <summary>How long an attempt may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static readonly SendOutcome Sent = new(SendResult.Sent);
    public static readonly SendOutcome Failed = new(SendResult.Failed);

    /// <summary>Whether an attempt failed so that it may succeed later: it was not answered, or not in time; not if it was abandoned.</summary>
    public static bool MaySucceedLater(Exception failure, CancellationToken cancellationToken) =>
        failure is HttpRequestException or IOException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>What an answer says.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="retryAfter">Its header Retry-After: seconds, or a date.</param>
    /// <param name="now">With which the date is compared.</param>
    public static SendOutcome Of(HttpStatusCode status, RetryConditionHeaderValue? retryAfter, DateTimeOffset now) => (int)status switch
    {
        >= 200 and < 300 => Sent,
        404 or 410 => new(SendResult.Gone),
        408 or 429 or >= 500 => new(SendResult.Failed, retryAfter?.Delta ?? (retryAfter?.Date - now) ?? default),
        _ => new(SendResult.Refused),
    };
}
