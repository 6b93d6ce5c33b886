using System.Buffers.Text;
using System.Text.Json;

namespace NearbyFriends.Client.Connection;

/// <summary>When a session is given its next access token.</summary>
internal static class TokenRenewal
{
    /// <summary>A token is replaced after this part of the life that it has left.</summary>
    private const double Part = 0.8;

    private const double ShortestWaitMilliseconds = 1_000;

    /// <summary>Unix milliseconds at which a JWT should be replaced; null of a token that does not tell when it expires.</summary>
    public static double? At(string accessToken, long now) =>
        ExpiryOf(accessToken) is { } expiry ? now + Math.Max(ShortestWaitMilliseconds, (expiry - now) * Part) : null;

    // exp, in seconds (RFC 7519, section 4.1.4).
    private static double? ExpiryOf(string accessToken)
    {
        try
        {
            using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(accessToken.Split('.') is [_, var part, ..] ? part : ""));
            return payload.RootElement is { ValueKind: JsonValueKind.Object } claims
                && claims.TryGetProperty("exp", out var exp) && exp.ValueKind == JsonValueKind.Number
                ? exp.GetDouble() * 1_000
                : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }
}
