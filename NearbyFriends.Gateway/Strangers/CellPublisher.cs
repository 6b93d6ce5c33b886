using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.Gateway.Ingress;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>
/// Tells who watches a cell of the users in it who let strangers see them: by square, in a frame for each cell and window, and to the
/// cache for those who begin to watch later.
/// </summary>
/// <remarks>
/// Who goes from one cell to another is told to both: who watches only the one that was left learns that nobody is there any more.
/// Where the user was before, the gateway knows of its own sessions, if it is asked before they hear of the new location: this sink is
/// registered before <see cref="LocalWatchers"/>. Of who posts locations without a session it knows only while a friend has one here; else
/// the place that was left empties after <see cref="PresenceOptions.InactiveAfter"/>.
/// If this process dies, what waits is lost with it: the next location of each user replaces it.
/// </remarks>
public sealed class CellPublisher(
    Snapping snapping, WatchIndex index, FanoutPublisher publisher, CellMembers members, IOptions<StrangerOptions> options,
    IOptions<LocationCacheOptions> cache, TimeProvider clock) : BackgroundService, ILocationSink
{
    private readonly Lock _gate = new();
    private Dictionary<Geohash, Dictionary<long, StrangerLocation>> _waiting = [];

    public void Take(ReadOnlySpan<TakenUpdate> updates)
    {
        foreach (ref readonly var taken in updates)
        {
            if (taken.IsCurrent && taken.Update.StrangersVersion > 0)
            {
                Take(taken.Update);
            }
        }
    }

    /// <summary>Tells at once that a user of this gateway hides from strangers; no effect for others.</summary>
    /// <param name="word">Of <see cref="StrangerLocation.Hidden"/>.</param>
    /// <param name="own">What this gateway knows of the user before it takes the change.</param>
    public void Hide(StrangerLocation word, FriendLocation own)
    {
        if (own.Read() is { HasLocation: true } before && Array.Exists(own.Watchers, watcher => watcher.Friend == Watcher.Self))
        {
            var cell = Snapping.CellOf(snapping.SquareOf(before.Location));
            publisher.TrySend(cell, [word]);
            _ = members.RemoveAsync(cell, [word.UserId]);
        }
    }

    /// <summary>
    /// Sends what waits: to the cache first, so that who subscribes to a cell after a frame left, and then reads the cache, finds what was
    /// in it.
    /// </summary>
    public async Task SendAsync()
    {
        Dictionary<Geohash, Dictionary<long, StrangerLocation>> waiting;
        lock (_gate)
        {
            (waiting, _waiting) = (_waiting, []);
        }

        await Task.WhenAll(waiting.Select(cell => KeepAsync(cell.Key, cell.Value.Values)))
            .WaitAsync(cache.Value.WritePatience, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var (cell, people) in waiting)
        {
            foreach (var entries in people.Values.Chunk(CellFrame.MaxEntries))
            {
                publisher.TrySend(cell, entries);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.FrameWindow, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await SendAsync();
        }
    }

    private void Take(in LocationUpdate update)
    {
        var entry = snapping.ToldOf(update);
        var cell = Snapping.CellOf(entry.Square);
        Geohash? left = index.FindHeardOf(update.UserId)?.Read() is { HasLocation: true } before
            ? Snapping.CellOf(snapping.SquareOf(before.Location))
            : null;
        lock (_gate)
        {
            Wait(cell, entry);
            if (left is { } other && other != cell)
            {
                Wait(other, entry);
            }
        }
    }

    private void Wait(Geohash cell, in StrangerLocation entry)
    {
        ref var people = ref CollectionsMarshal.GetValueRefOrAddDefault(_waiting, cell, out _);
        (people ??= [])[entry.UserId] = entry;
    }

    private Task KeepAsync(Geohash cell, IReadOnlyCollection<StrangerLocation> people)
    {
        var isIn = people.ToLookup(person => Snapping.CellOf(person.Square) == cell);
        return Task.WhenAll(
            isIn[true].Any() ? members.PutAsync(cell, [.. isIn[true]]) : Task.CompletedTask,
            isIn[false].Any() ? members.RemoveAsync(cell, [.. isIn[false].Select(person => person.UserId)]) : Task.CompletedTask);
    }
}
