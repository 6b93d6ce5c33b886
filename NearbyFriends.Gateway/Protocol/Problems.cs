namespace NearbyFriends.Gateway.Protocol;

/// <summary>Errors of the gateway's HTTP calls: RFC 9457 problem details with a stable type.</summary>
public static class Problems
{
    /// <summary>A problem whose type ends in <paramref name="code"/>, with hyphens.</summary>
    public static IResult Of(int status, string code, string detail)
    {
        var hyphened = code.Replace('_', '-');
        return TypedResults.Problem(
            detail,
            statusCode: status,
            type: $"https://nearbyfriends.dev/problems/{hyphened}",
            extensions: new Dictionary<string, object?> { ["code"] = hyphened });
    }
}
