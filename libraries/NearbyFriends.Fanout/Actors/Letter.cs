using Orleans;
namespace NearbyFriends.Fanout.Actors;

/// <summary>What a letter asks of the silo that it reaches.</summary>
internal enum LetterKind : byte
{
    /// <summary>A frame for the channel's actor.</summary>
    Publish,

    /// <summary>A frame from the channel's actor for the sessions of this gateway.</summary>
    Deliver,

    /// <summary>The sender no longer watches the channel.</summary>
    Unwatch,

    /// <summary>The channel's actor is gone, with what it knew: watch anew.</summary>
    Lapse,
}

/// <summary>One thing for another silo; many travel in one message.</summary>
/// <param name="Kind">What it asks.</param>
/// <param name="Channel">The channel's name.</param>
/// <param name="Frame">The bytes; empty where the kind has none.</param>
/// <param name="Subscription">Of <see cref="LetterKind.Unwatch"/>.</param>
[GenerateSerializer, Immutable, Alias("NearbyFriends.Fanout.Letter")]
internal readonly record struct Letter(
    [property: Id(0)] LetterKind Kind, [property: Id(1)] string Channel, [property: Id(2)] byte[] Frame, [property: Id(3)] long Subscription = 0);

/// <summary>A subscription of a gateway.</summary>
/// <param name="Channel">The channel's name.</param>
/// <param name="Number">Grows with each subscription of the gateway.</param>
[GenerateSerializer, Immutable, Alias("NearbyFriends.Fanout.Subscription")]
internal readonly record struct Subscription([property: Id(0)] string Channel, [property: Id(1)] long Number);
