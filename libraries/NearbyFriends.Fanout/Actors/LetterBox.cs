using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace NearbyFriends.Fanout.Actors;

/// <summary>Opens what arrives at this silo: frames for the actors that live here, and frames for this gateway's sessions.</summary>
internal sealed class LetterBox(IGrainFactory actors, ActorFeeds feeds)
{
    public void Take(SiloAddress sender, ReadOnlySpan<Letter> letters)
    {
        foreach (ref readonly var letter in letters)
        {
            switch (letter.Kind)
            {
                case LetterKind.Publish:
                    _ = ActorOf(letter.Channel).PublishAsync(new Immutable<byte[]>(letter.Frame));
                    break;
                case LetterKind.Deliver:
                    feeds.Receive(letter.Channel, letter.Frame);
                    break;
                case LetterKind.Lapse:
                    feeds.Lapse(letter.Channel);
                    break;
                case LetterKind.Unwatch:
                    _ = ActorOf(letter.Channel).UnwatchAsync(sender, letter.Subscription);
                    break;
            }
        }
    }

    public Task WatchAsync(SiloAddress gateway, IEnumerable<Subscription> subscriptions) =>
        Task.WhenAll(subscriptions.Select(subscription => ActorOf(subscription.Channel).WatchAsync(gateway, subscription.Number)));

    private IChannelActor ActorOf(string channel) => actors.GetGrain<IChannelActor>(channel);
}
