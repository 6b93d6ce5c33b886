using Microsoft.Extensions.Options;

namespace NearbyFriends.People;

/// <summary>Where a service reads users and friendships.</summary>
public enum FriendSourceKind
{
    /// <summary>From our own database <c>users</c>.</summary>
    Database,

    /// <summary>From the HTTP API of whoever owns them.</summary>
    Api,
}

/// <summary>Configuration section <c>Friends</c>.</summary>
public sealed record FriendOptions
{
    public const string Section = "Friends";

    /// <summary><c>Database</c> (default) or <c>Api</c>.</summary>
    public FriendSourceKind Source { get; init; } = FriendSourceKind.Database;

    /// <summary>Base address of the API that answers for users and friendships; needed with <c>Source=Api</c>.</summary>
    public Uri? ApiUrl { get; init; }

    /// <summary>
    /// The secret that both sides of <c>Source=Api</c> know, at least 32 characters; the API serves friendships to other
    /// services only when it is set.
    /// </summary>
    public string? ApiKey { get; init; }

    /// <summary>Friends a user may have; 1 to 5,000, default 5,000.</summary>
    public int MaxFriends { get; init; } = 5_000;

    /// <summary>
    /// How often a gateway reads the journal's tail: a change whose announcement was lost is known within it. 0.1 to 30 s,
    /// default 10 s.
    /// </summary>
    public TimeSpan ReadChangesEvery { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Stops a service whose friend settings cannot work, with a sentence that names the setting.</summary>
public sealed class ValidateFriendOptions : IValidateOptions<FriendOptions>
{
    public ValidateOptionsResult Validate(string? name, FriendOptions options)
    {
        var errors = new List<string>();
        if (options.Source == FriendSourceKind.Api && options.ApiUrl is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            errors.Add("Friends:ApiUrl must be an http or https address when Friends:Source is Api.");
        }

        if (options.Source == FriendSourceKind.Api && options.ApiKey is null)
        {
            errors.Add("Friends:ApiKey must be set when Friends:Source is Api.");
        }

        if (options.ApiKey is { Length: < 32 })
        {
            errors.Add("Friends:ApiKey must have at least 32 characters.");
        }

        if (options.MaxFriends is < 1 or > 5_000)
        {
            errors.Add($"Friends:MaxFriends is {options.MaxFriends}; it must lie between 1 and 5000.");
        }

        if (options.ReadChangesEvery < TimeSpan.FromSeconds(0.1) || options.ReadChangesEvery > TimeSpan.FromSeconds(30))
        {
            errors.Add($"Friends:ReadChangesEvery is {options.ReadChangesEvery}; it must lie between 00:00:00.1 and 00:00:30.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}

/// <summary>How the subject of a token leads to a user.</summary>
/// <param name="AreUserIds">
/// True when this system issues the tokens itself: the subject is the user's id. False with an outside issuer
/// (<c>Auth:Authority</c>), whose subjects are looked up, also those that look like numbers.
/// </param>
public sealed record FriendSubjects(bool AreUserIds);
