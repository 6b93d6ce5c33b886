using System.Net.Http.Headers;
using System.Text;
using System.Threading.RateLimiting;
using NearbyFriends.People;
using NearbyFriends.ServiceDefaults.RateLimits;

namespace NearbyFriends.Gateway.OwnTracks;

/// <summary>What became of a device's login.</summary>
public enum LoginOutcome
{
    /// <summary>User name and password belong together.</summary>
    Accepted,

    /// <summary>They do not, or there are none.</summary>
    Refused,

    /// <summary>Too many wrong passwords came before.</summary>
    Limited,
}

/// <summary>Finds the user behind a device's user name and password (RFC 7617).</summary>
/// <remarks>
/// Passwords are random and long, so guessing is hopeless; the limit on wrong ones saves the database the work. It counts an address
/// with a user name, so that neither a stranger elsewhere nor a neighbour behind the same address locks a device out; and an
/// address, of which many users may share one. Of IPv6, a network of 64 bits counts as one address. Each gateway counts for itself.
/// </remarks>
public sealed class DeviceLogins(IFriendSource people) : IAsyncDisposable
{
    /// <summary>Wrong passwords for one user name from one address within a minute.</summary>
    public const int WrongPerUser = 10;

    private const int WrongPerAddress = 1_000;
    private const int MaxUserName = 64;
    private const string Basic = "Basic";

    private readonly PartitionedRateLimiter<string> _wrong = PartitionedRateLimiter.Create<string, string>(key =>
        RateLimitPartition.GetFixedWindowLimiter(key, key => new FixedWindowRateLimiterOptions
        {
            PermitLimit = key.Contains('\n', StringComparison.Ordinal) ? WrongPerUser : WrongPerAddress,
            Window = TimeSpan.FromMinutes(1),
        }));

    /// <summary>The user of a request's credentials.</summary>
    public async Task<(LoginOutcome Outcome, long UserId)> IdentifyAsync(HttpContext http)
    {
        if (CredentialsOf(http.Request.Headers.Authorization.ToString()) is not var (userName, password))
        {
            return (LoginOutcome.Refused, 0);
        }

        var address = ClientAddress.KeyOf(http.Connection.RemoteIpAddress);
        string[] keys = [address, $"{address}\n{userName.ToLowerInvariant()}"];
        if (!Array.TrueForAll(keys, key => IsAllowed(key, count: 0)))
        {
            return (LoginOutcome.Limited, 0);
        }

        if (await people.FindByDeviceAsync(userName, password, http.RequestAborted) is { } userId)
        {
            return (LoginOutcome.Accepted, userId);
        }

        Array.ForEach(keys, key => IsAllowed(key, count: 1));
        return (LoginOutcome.Refused, 0);
    }

    public ValueTask DisposeAsync() => _wrong.DisposeAsync();

    private static (string UserName, string Password)? CredentialsOf(string authorization)
    {
        if (!AuthenticationHeaderValue.TryParse(authorization, out var header)
            || !string.Equals(header.Scheme, Basic, StringComparison.OrdinalIgnoreCase) || header.Parameter is not { } encoded)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[4 * (MaxUserName + 1 + DevicePassword.MaxLength)];
        if (!Convert.TryFromBase64String(encoded, bytes, out var length))
        {
            return null;
        }

        var credentials = Encoding.UTF8.GetString(bytes[..length]);
        var colon = credentials.IndexOf(':', StringComparison.Ordinal);
        return colon is > 0 and <= MaxUserName && credentials.Length - colon - 1 is > 0 and <= DevicePassword.MaxLength
            ? (credentials[..colon], credentials[(colon + 1)..])
            : null;
    }

    private bool IsAllowed(string key, int count)
    {
        using var lease = _wrong.AttemptAcquire(key, count);
        return lease.IsAcquired;
    }
}
