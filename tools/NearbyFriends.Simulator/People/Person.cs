using NearbyFriends.Client.Rest;

namespace NearbyFriends.Simulator.People;

/// <summary>A user of the system under simulation, with the token that proves it.</summary>
public sealed class Person(NearbyApi anonymous, string userName)
{
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private Task<AccessToken>? _token;
    private DateTimeOffset _expiresAt;

    public long Id { get; internal set; }

    public string UserName => userName;

    /// <summary>Whether the user was there before this run.</summary>
    public bool Existed { get; internal set; }

    /// <summary>The API as this user.</summary>
    public NearbyApi Api => anonymous.As(cancellationToken => TokenAsync(refresh: false, cancellationToken));

    /// <summary>A token valid for a while; a new one when asked to refresh.</summary>
    public async ValueTask<string> TokenAsync(bool refresh, CancellationToken cancellationToken)
    {
        Task<AccessToken> fetching;
        lock (_gate)
        {
            if (refresh || _token is null or { IsFaulted: true } or { IsCanceled: true } || DateTimeOffset.UtcNow + Early > _expiresAt)
            {
                // Whoever asks meanwhile waits for the same answer.
                _expiresAt = DateTimeOffset.MaxValue;
                _token = FetchAsync();
            }

            fetching = _token;
        }

        return (await fetching.WaitAsync(cancellationToken)).Token;
    }

    private async Task<AccessToken> FetchAsync()
    {
        var token = await anonymous.DevTokenAsync(userName);
        lock (_gate)
        {
            _expiresAt = DateTimeOffset.UtcNow.AddSeconds(token.ExpiresIn);
        }

        return token;
    }
}
