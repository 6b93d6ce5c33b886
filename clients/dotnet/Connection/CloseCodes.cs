namespace NearbyFriends.Client.Connection;

/// <summary>What a client does after a connection ended.</summary>
internal enum Verdict
{
    /// <summary>Try again, later each time.</summary>
    Retry,

    /// <summary>Get a fresh token, then try again.</summary>
    RefreshToken,

    /// <summary>Trying again would end the same.</summary>
    Stop,
}

/// <summary>The contract's close codes, and the answers before the upgrade that mean the same.</summary>
internal static class CloseCodes
{
    public const int Normal = 1000;
    public const int Abnormal = 1006;

    public static (Verdict Verdict, StopReason Reason) Judge(int code) => code switch
    {
        4401 => (Verdict.RefreshToken, StopReason.TokenRefused),
        4403 => (Verdict.Stop, StopReason.UserUnavailable),
        1002 or 1003 or 1007 or 1008 or 1009 => (Verdict.Stop, StopReason.ProtocolViolation),
        // 1001, 1006, 1011, 1012, 4408, 4429, and whatever a proxy in between makes up.
        _ => (Verdict.Retry, default),
    };

    /// <summary>
    /// Of an HTTP status that came instead of the upgrade. A gateway refuses here for good only what this client never sends: an
    /// Origin (403), an unknown subprotocol (400), a request that is no WebSocket (426). What else is final it says by close codes. So
    /// any refusal but 401 is a proxy's, or a gateway's that is not ready, and may pass.
    /// </summary>
    public static (Verdict Verdict, StopReason Reason) JudgeHttp(int status) => status switch
    {
        401 => (Verdict.RefreshToken, StopReason.TokenRefused),
        _ => (Verdict.Retry, default),
    };
}
