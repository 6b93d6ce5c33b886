using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.Gateway;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.Gateway.Telemetry;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Benchmarks.Fanout;

/// <summary>
/// A gateway's sessions without its sockets: sessions that watch friends, and the frames that move those friends.
/// </summary>
/// <remarks>
/// People live in towns of 4 km, one in ten of a session's friends in its own town, the others elsewhere. Ids are random,
/// and a round moves every friend once in random order, so nothing is where the one before left it in the caches of the
/// processor. The flush wheel turns, with the default pace of two seconds.
/// </remarks>
internal sealed class FanoutBench : IAsyncDisposable
{
    private const double TownDegrees = 0.02; // half a side, some 2 km: everybody in a town is near everybody
    private const long FirstSession = 1L << 40;

    private readonly Random _random = new(7);
    private readonly List<Session> _sessions = [];
    private readonly FrameReceiver _receiver;
    private readonly SessionContext _context;
    private readonly FlushWheel _flushes;
    private readonly long[] _friends;
    private readonly (double Latitude, double Longitude)[] _homes;
    private readonly byte[][] _frames;

    private FanoutBench(int sessions, int friendsEach, int watchersEach)
    {
        var clock = TimeProvider.System;
        var presenceOptions = Options.Create(new PresenceOptions());
        var index = new WatchIndex();
        var presence = new PresenceWheel(presenceOptions, clock);
        var names = new DisplayNames(new NamelessFriends(), clock, NullLogger<DisplayNames>.Instance);
        var standstill = new Standstill(clock) { Shortest = TimeSpan.MaxValue }; // nobody reads a journal here, which would end one
        var options = Options.Create(new GatewayOptions());
        _flushes = new FlushWheel(standstill, options, clock, NullLogger<FlushWheel>.Instance);
        var figures = new LiveFigures(clock);
        _context = new SessionContext(index, _flushes, presence, names, figures, standstill, options, presenceOptions, clock);
        _receiver = new FrameReceiver(index, new Deliveries(presence, new RecentlyHidden(presenceOptions, clock), figures, clock), apply: static _ => { }, show: static _ => { }); // locations only
        _friends = new long[sessions * friendsEach / watchersEach];
        _homes = new (double, double)[_friends.Length];
        _frames = new byte[(_friends.Length + Frame.MaxEntries - 1) / Frame.MaxEntries][];
        for (var i = 0; i < _friends.Length; i++)
        {
            _friends[i] = _random.NextInt64(1, FirstSession);
        }
    }

    /// <summary>(Session, friend) pairs, each tested once a round.</summary>
    public long Pairs { get; private set; }

    /// <param name="sessions">How many sessions.</param>
    /// <param name="friendsEach">Friends of each.</param>
    /// <param name="watchersEach">Sessions that watch one friend: few where friends are at many gateways, many where all are at one.</param>
    public static async Task<FanoutBench> StartAsync(int sessions, int friendsEach, int watchersEach)
    {
        var bench = new FanoutBench(sessions, friendsEach, watchersEach);
        bench.OpenSessions(sessions, friendsEach);
        bench.BuildFrames();
        await bench._flushes.StartAsync(default);
        return bench;
    }

    /// <summary>Every friend moves once more: receives a frame for each 64 of them.</summary>
    public void Round()
    {
        foreach (var frame in _frames)
        {
            Rejuvenate(frame);
            _receiver.Receive(frame);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _flushes.StopAsync(default);
        _flushes.Dispose();
    }

    // The frame as it would be a round later; that costs less than to encode it anew, and is measured with the rest.
    private static void Rejuvenate(Span<byte> frame)
    {
        const int HeaderBytes = 16, EntryBytes = 32, SentAt = 8, Time = 16;
        BinaryPrimitives.WriteInt64LittleEndian(frame[SentAt..], TimeProvider.System.UnixMicroseconds());
        for (var entry = HeaderBytes; entry < frame.Length; entry += EntryBytes)
        {
            var time = frame[(entry + Time)..];
            BinaryPrimitives.WriteInt64LittleEndian(time, BinaryPrimitives.ReadInt64LittleEndian(time) + 1);
        }
    }

    private void BuildFrames()
    {
        var order = new int[_friends.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        _random.Shuffle(order);
        var (builder, now) = (new FrameBuilder(), TimeProvider.System.UnixMicroseconds());
        for (var i = 0; i < order.Length; i++)
        {
            builder.TryAdd(Moved(order[i], now), default);
            if (builder.IsFull || i == order.Length - 1)
            {
                _frames[i / Frame.MaxEntries] = builder.Take(now);
            }
        }
    }

    private void OpenSessions(int sessions, int friendsEach)
    {
        // Each friend has its place in the sessions' lists as often as it has watchers, in random order; it lives in the
        // town of the first session for whom it is one of the nearby tenth.
        var slots = new int[sessions * friendsEach];
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = i % _friends.Length;
        }

        _random.Shuffle(slots);
        for (var s = 0; s < sessions; s++)
        {
            var friends = slots.AsSpan(s * friendsEach, friendsEach);
            var home = (Latitude: (_random.NextDouble() * 120) - 60, Longitude: (_random.NextDouble() * 360) - 180);
            for (var f = 0; f < friends.Length; f++)
            {
                ref var where = ref _homes[friends[f]];
                if (where == default)
                {
                    where = f % 10 == 0 ? home : (home.Latitude, home.Longitude > 0 ? home.Longitude - 90 : home.Longitude + 90);
                }
            }

            Pairs += Open(FirstSession + s, home, friends);
        }
    }

    private int Open(long userId, (double Latitude, double Longitude) home, ReadOnlySpan<int> friends)
    {
        var ids = new HashSet<long>();
        foreach (var friend in friends)
        {
            ids.Add(_friends[friend]);
        }

        var session = new Session(userId, ids, friendsVersion: 1, _context, new SwallowingTransport());
        _sessions.Add(session);
        session.Own.TryMove(1, Location.FromDegrees(home.Latitude, home.Longitude, TimeProvider.System.UnixMilliseconds()), 0);
        session.OpenList(null);
        return ids.Count;
    }

    private FrameEntry Moved(int friend, long now)
    {
        var (latitude, longitude) = _homes[friend];
        return FrameEntry.Moved(_friends[friend], 1, Location.FromDegrees(latitude + Step(), longitude + Step(), now / 1000), now);
    }

    private double Step() => ((_random.NextDouble() * 2) - 1) * TownDegrees;
}
