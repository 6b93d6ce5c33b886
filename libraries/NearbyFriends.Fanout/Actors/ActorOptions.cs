using Microsoft.Extensions.Options;

namespace NearbyFriends.Fanout.Actors;

/// <summary>Configuration section <c>Fanout:Actors</c>, used with <c>Fanout:Transport=Actors</c>.</summary>
public sealed record ActorOptions
{
    public const string Section = "Fanout:Actors";

    /// <summary>
    /// How often a gateway renews what it watches at the actors, 1 s to 10 min, default 1 min. An actor forgets a gateway that did not
    /// renew for 2.5 times as long; an actor that nobody watches or publishes to is collected after 5 times as long.
    /// </summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an actor keeps a gateway that does not renew.</summary>
    internal TimeSpan Lease => RenewEvery * 2.5;

    /// <summary>After how long an actor that nobody calls is collected.</summary>
    internal TimeSpan IdleAfter => RenewEvery * 5;
}

/// <summary>Stops a service whose settings of actors cannot work, with a sentence that names the setting.</summary>
public sealed class ValidateActorOptions : IValidateOptions<ActorOptions>
{
    public ValidateOptionsResult Validate(string? name, ActorOptions options) =>
        options.RenewEvery >= TimeSpan.FromSeconds(1) && options.RenewEvery <= TimeSpan.FromMinutes(10)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Fanout:Actors:RenewEvery is {options.RenewEvery}; it must lie between 00:00:01 and 00:10:00.");
}
