namespace NearbyFriends.Gateway.Protocol;

/// <summary>The stable codes of <c>error</c> messages.</summary>
public static class ErrorCodes
{
    public const string InvalidMessage = "invalid_message";
    public const string InvalidLocation = "invalid_location";
    public const string InvalidRadius = "invalid_radius";
    public const string InvalidPace = "invalid_pace";
    public const string InvalidToken = "invalid_token";
    public const string ClockSkew = "clock_skew";
    public const string TooOld = "too_old";
    public const string NoFix = "no_fix";
    public const string NoLocation = "no_location";
    public const string NotSharing = "not_sharing";
    public const string CursorExpired = "cursor_expired";
    public const string RateLimited = "rate_limited";
    public const string Partial = "partial";

    /// <summary>Whether 20 of them within a minute close the session: what a correct client never sends.</summary>
    public static bool IsOffence(string code) => code is InvalidMessage or InvalidLocation or InvalidRadius or InvalidPace;
}

/// <summary>Why a connection is closed: WebSocket close codes.</summary>
public static class CloseCodes
{
    public const int Policy = 1008;
    public const int TooBig = 1009;
    public const int InternalError = 1011;
    public const int ServiceRestart = 1012;
    public const int TokenExpired = 4401;
    public const int UserGone = 4403;
    public const int TooSlow = 4408;
    public const int TooManySessions = 4429;
}
