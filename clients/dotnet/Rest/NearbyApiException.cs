using System.Net;

namespace NearbyFriends.Client.Rest;

/// <summary>The API refused a call; what RFC 9457 problem details say of it.</summary>
public sealed class NearbyApiException : Exception
{
    public NearbyApiException()
    {
    }

    public NearbyApiException(string message) : base(message)
    {
    }

    public NearbyApiException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <param name="status">HTTP status.</param>
    /// <param name="code">Stable code; null when the answer had no problem details (a proxy's, as a rule).</param>
    /// <param name="detail">For a person who reads logs.</param>
    /// <param name="retryAfter">How long to wait before another try, of a 429 or 503.</param>
    public NearbyApiException(HttpStatusCode status, string? code, string? detail, TimeSpan? retryAfter)
        : base($"The API answered {(int)status}{(code is null ? "" : $" {code}")}{(detail is null ? "" : $": {detail}")}")
    {
        Status = status;
        Code = code;
        RetryAfter = retryAfter;
    }

    /// <summary>HTTP status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>Stable code, such as <c>friend-limit</c>; null when the answer had no problem details.</summary>
    public string? Code { get; }

    /// <summary>How long to wait before another try, at most 10 minutes; null when the answer did not say.</summary>
    public TimeSpan? RetryAfter { get; }
}
