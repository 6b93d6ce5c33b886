using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using NearbyFriends.Fanout.Channels;
using Orleans.Runtime;

namespace NearbyFriends.Fanout.Actors;

/// <summary>What this silo has for each other one. A message takes all that waits, and the next leaves when it was answered.</summary>
/// <remarks>
/// So nothing waits while there is little to send, and the more there is, the fewer messages it costs. What waits is bounded:
/// behind a silo that does not answer the oldest is dropped, for a queued location is a stale one.
/// </remarks>
internal sealed partial class Outboxes(ILocalSiloDetails local, ActorPostClient posts, LetterBox box, ILogger<Outboxes> logger)
{
    private const int Waiting = 20_000;
    private const int LettersPerMessage = 500;

    private readonly ConcurrentDictionary<SiloAddress, Channel<Letter>> _outboxes = [];
    private int _sending;

    /// <summary>Whether nothing waits, and nothing is on its way.</summary>
    public bool AreEmpty => Volatile.Read(ref _sending) == 0 && _outboxes.All(outbox => outbox.Value.Reader.Count == 0);

    /// <summary>A frame for a channel's actor.</summary>
    public void Publish(SiloAddress owner, string channel, byte[] frame) => Post(owner, new(LetterKind.Publish, channel, frame));

    /// <summary>A frame for the sessions of a gateway.</summary>
    public void Deliver(SiloAddress gateway, string channel, byte[] frame) => Post(gateway, new(LetterKind.Deliver, channel, frame));

    /// <summary>The end of a channel's actor, for a gateway that watched.</summary>
    public void Lapse(SiloAddress gateway, string channel) => Post(gateway, new(LetterKind.Lapse, channel, []));

    /// <summary>The end of a subscription, for the channel's actor.</summary>
    public void Unwatch(SiloAddress owner, Subscription subscription) =>
        Post(owner, new(LetterKind.Unwatch, subscription.Channel, [], subscription.Number));

    /// <summary>Forgets what waits for silos that are gone.</summary>
    public void Keep(IReadOnlyCollection<SiloAddress> alive)
    {
        foreach (var (silo, outbox) in _outboxes)
        {
            if (!alive.Contains(silo) && !silo.Equals(local.SiloAddress) && _outboxes.TryRemove(silo, out _))
            {
                outbox.Writer.TryComplete();
            }
        }
    }

    private void Post(SiloAddress silo, in Letter letter)
    {
        if (!_outboxes.TryGetValue(silo, out var outbox))
        {
            var made = NewOutbox();
            outbox = _outboxes.GetOrAdd(silo, made);
            if (outbox == made)
            {
                _ = Task.Run(() => SendAsync(silo, made.Reader));
            }
        }

        outbox.Writer.TryWrite(letter);
    }

    private static Channel<Letter> NewOutbox() => Channel.CreateBounded<Letter>(
        new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, Lost);

    private static void Lost(Letter letter)
    {
        if (letter.Kind is LetterKind.Publish or LetterKind.Deliver)
        {
            FanoutTelemetry.FramesLost.Add(1);
        }
    }

    private async Task SendAsync(SiloAddress silo, ChannelReader<Letter> outbox)
    {
        var letters = new List<Letter>(LettersPerMessage);
        while (await outbox.WaitToReadAsync())
        {
            Interlocked.Increment(ref _sending);
            while (letters.Count < LettersPerMessage && outbox.TryRead(out var letter))
            {
                letters.Add(letter);
            }

            await SendAsync(silo, [.. letters]);
            letters.Clear();
            Interlocked.Decrement(ref _sending);
        }
    }

    private async Task SendAsync(SiloAddress silo, Letter[] letters)
    {
        try
        {
            if (silo.Equals(local.SiloAddress))
            {
                box.Take(silo, letters);
            }
            else
            {
                ActorTelemetry.Messages.Add(1);
                await posts.Of(silo).TakeAsync(local.SiloAddress, letters);
            }
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or ObjectDisposedException or InvalidOperationException)
        {
            Array.ForEach(letters, Lost);
            LogLost(silo, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Silo {Silo} did not take a message; its frames are lost: {Reason}")]
    private partial void LogLost(SiloAddress silo, string reason);
}
