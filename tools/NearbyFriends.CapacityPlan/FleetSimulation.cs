namespace NearbyFriends.CapacityPlan;

/// <summary>A fleet to simulate: a cell of it, or all.</summary>
/// <param name="Users">Connected users, each at one gateway and updating once an interval.</param>
/// <param name="ActiveFriends">Friends of each who are among them, and nearby; even.</param>
/// <param name="Gateways">Over which users are dealt out.</param>
/// <param name="Partitions">Channels that users share.</param>
/// <param name="Interval">Between two updates of a user.</param>
/// <param name="Window">How long an update waits for others in its frame.</param>
/// <param name="Flush">Least time between two messages to a user.</param>
/// <param name="WarmUp">Simulated time before counting begins.</param>
/// <param name="Duration">Simulated time that is counted.</param>
/// <param name="Seed">Of who is whose friend, and when they move.</param>
public sealed record FleetScenario(
    int Users, int ActiveFriends, int Gateways, int Partitions, TimeSpan Interval, TimeSpan Window, TimeSpan Flush, TimeSpan WarmUp,
    TimeSpan Duration, int Seed = 1);

/// <summary>What was counted.</summary>
/// <param name="Updates">Locations from clients.</param>
/// <param name="Frames">Frames published.</param>
/// <param name="FrameDeliveries">Frames that reached a gateway.</param>
/// <param name="Entries">Entries published.</param>
/// <param name="FriendUpdates">Entries that reached a watcher's outbox.</param>
/// <param name="Messages">Messages to clients.</param>
/// <param name="MessageEntries">Friends in them.</param>
public readonly record struct MessageCounts(
    long Updates, long Frames, long FrameDeliveries, long Entries, long FriendUpdates, long Messages, long MessageEntries);

/// <summary>
/// Moves the users of a fleet one by one and counts each message that this causes: update by update into a gateway's
/// frame, frame by frame to the gateways, entry by entry to the watchers, flush by flush to the clients.
/// </summary>
/// <remarks>
/// It knows rates and averages of nothing: what <see cref="Traffic"/> computes comes out of it by counting. Time goes in
/// steps of a millisecond. The friends of user u are u plus and minus each of some random offsets, modulo the number of
/// users: a random-looking graph without a table, in which the k-th friend sees u as friend k with its lowest bit flipped.
/// A message tells each waiting friend once, as a bit of the watcher's outbox.
/// </remarks>
public sealed class FleetSimulation
{
    private const int MaxEntries = 64;
    private const int FlushTick = 25; // milliseconds: the gateways' wheel
    private const long Never = -1;

    private readonly FleetScenario _scenario;
    private readonly int[] _offsets;
    private readonly int[] _usersByPhase;
    private readonly int[] _phaseStart;
    private readonly byte[] _isSubscribed;
    private readonly List<int>[] _frames;
    private readonly int[] _tickPhase;
    private readonly ulong[] _outbox;
    private readonly int _words;
    private readonly long[] _lastFlush;
    private readonly long[] _flushAt;
    private readonly List<int>[] _flushes;
    private long _now;
    private long _updates;
    private long _published;
    private long _delivered;
    private long _entries;
    private long _friendUpdates;
    private long _messages;
    private long _messageEntries;

    public FleetSimulation(FleetScenario scenario)
    {
        Check(scenario);
        _scenario = scenario;
        var random = new Random(scenario.Seed);
        _offsets = Offsets(scenario, random);
        (_usersByPhase, _phaseStart) = Phases(scenario, random);
        _isSubscribed = new byte[scenario.Gateways * scenario.Partitions];
        _frames = new List<int>[scenario.Gateways * scenario.Partitions];
        for (var i = 0; i < _frames.Length; i++)
        {
            _frames[i] = new List<int>(MaxEntries);
        }

        _tickPhase = new int[scenario.Gateways];
        for (var i = 0; i < _tickPhase.Length; i++)
        {
            _tickPhase[i] = random.Next(Milliseconds(scenario.Window));
        }

        _words = (scenario.ActiveFriends + 63) / 64;
        _outbox = new ulong[(long)scenario.Users * _words];
        _lastFlush = new long[scenario.Users];
        _flushAt = new long[scenario.Users];
        Array.Fill(_flushAt, Never);
        Array.Fill(_lastFlush, -Milliseconds(scenario.Flush));
        _flushes = new List<int>[Milliseconds(scenario.Flush) + FlushTick + 1];
        for (var i = 0; i < _flushes.Length; i++)
        {
            _flushes[i] = [];
        }

        Subscribe();
    }

    /// <summary>Runs the scenario to its end.</summary>
    public static MessageCounts Run(FleetScenario scenario, CancellationToken cancellationToken = default) =>
        new FleetSimulation(scenario).Run(cancellationToken);

    private MessageCounts Run(CancellationToken cancellationToken)
    {
        var warmUp = Milliseconds(_scenario.WarmUp);
        var end = warmUp + Milliseconds(_scenario.Duration);
        for (_now = 0; _now < end; _now++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_now == warmUp)
            {
                _updates = _published = _delivered = _entries = _friendUpdates = _messages = _messageEntries = 0;
            }

            MoveUsers();
            TickGateways();
            FlushSessions();
        }

        return new(_updates, _published, _delivered, _entries, _friendUpdates, _messages, _messageEntries);
    }

    private void MoveUsers()
    {
        var phase = (int)(_now % Milliseconds(_scenario.Interval));
        for (var i = _phaseStart[phase]; i < _phaseStart[phase + 1]; i++)
        {
            var user = _usersByPhase[i];
            _updates++;
            TellWatchers(user, atGateway: GatewayOf(user), here: true); // this gateway's own watchers hear at once
            TellOwn(user);
            var frame = (GatewayOf(user) * _scenario.Partitions) + PartitionOf(user);
            _frames[frame].Add(user);
            if (_frames[frame].Count == MaxEntries)
            {
                Publish(frame);
            }
        }
    }

    private void TickGateways()
    {
        var window = Milliseconds(_scenario.Window);
        for (var gateway = 0; gateway < _scenario.Gateways; gateway++)
        {
            if (_now % window != _tickPhase[gateway])
            {
                continue;
            }

            for (var partition = 0; partition < _scenario.Partitions; partition++)
            {
                Publish((gateway * _scenario.Partitions) + partition);
            }
        }
    }

    private void Publish(int frame)
    {
        var users = _frames[frame];
        if (users.Count == 0)
        {
            return;
        }

        var (from, partition) = Math.DivRem(frame, _scenario.Partitions);
        var receivers = 0;
        for (var gateway = 0; gateway < _scenario.Gateways; gateway++)
        {
            receivers += _isSubscribed[(gateway * _scenario.Partitions) + partition];
        }

        _published++;
        _delivered += receivers;
        _entries += users.Count;
        foreach (var user in users)
        {
            TellWatchers(user, from, here: false);
        }

        users.Clear();
    }

    // The watchers on the gateway of the update, or those on all others.
    private void TellWatchers(int user, int atGateway, bool here)
    {
        for (var k = 0; k < _offsets.Length; k++)
        {
            var watcher = FriendOf(user, k);
            if ((GatewayOf(watcher) == atGateway) == here)
            {
                _friendUpdates++;
                var seenAs = k ^ 1;
                _outbox[((long)watcher * _words) + (seenAs >> 6)] |= 1UL << (seenAs & 63);
                Wake(watcher);
            }
        }
    }

    // Who moves is told every distance anew.
    private void TellOwn(int user)
    {
        for (var k = 0; k < _offsets.Length; k++)
        {
            _outbox[((long)user * _words) + (k >> 6)] |= 1UL << (k & 63);
        }

        Wake(user);
    }

    private void Wake(int user)
    {
        if (_flushAt[user] != Never)
        {
            return;
        }

        var due = _lastFlush[user] + Milliseconds(_scenario.Flush);
        if (due <= _now)
        {
            Send(user);
            return;
        }

        _flushAt[user] = (due + FlushTick - 1) / FlushTick * FlushTick;
        _flushes[_flushAt[user] % _flushes.Length].Add(user);
    }

    private void FlushSessions()
    {
        var due = _flushes[_now % _flushes.Length];
        foreach (var user in due)
        {
            _flushAt[user] = Never;
            Send(user);
        }

        due.Clear();
    }

    private void Send(int user)
    {
        var told = 0;
        for (var word = 0; word < _words; word++)
        {
            ref var waiting = ref _outbox[((long)user * _words) + word];
            told += System.Numerics.BitOperations.PopCount(waiting);
            waiting = 0;
        }

        _lastFlush[user] = _now;
        _messages++;
        _messageEntries += told;
    }

    private void Subscribe()
    {
        for (var user = 0; user < _scenario.Users; user++)
        {
            var gateway = GatewayOf(user) * _scenario.Partitions;
            _isSubscribed[gateway + PartitionOf(user)] = 1; // a session watches its own user, too
            for (var k = 0; k < _offsets.Length; k++)
            {
                _isSubscribed[gateway + PartitionOf(FriendOf(user, k))] = 1;
            }
        }
    }

    private int GatewayOf(int user) => user % _scenario.Gateways;

    private int PartitionOf(int user) => (int)(Mix(user) % (uint)_scenario.Partitions);

    private int FriendOf(int user, int k)
    {
        var friend = user + _offsets[k];
        return friend >= _scenario.Users ? friend - _scenario.Users : friend < 0 ? friend + _scenario.Users : friend;
    }

    private static int[] Offsets(FleetScenario scenario, Random random)
    {
        var chosen = new HashSet<int>();
        while (chosen.Count < scenario.ActiveFriends / 2)
        {
            chosen.Add(random.Next(1, (scenario.Users + 1) / 2));
        }

        return [.. chosen.SelectMany(offset => new[] { offset, -offset })];
    }

    // Users in the order of their moments within the interval, and where each millisecond's begin.
    private static (int[] Users, int[] Start) Phases(FleetScenario scenario, Random random)
    {
        var phase = new int[scenario.Users];
        var start = new int[Milliseconds(scenario.Interval) + 1];
        for (var user = 0; user < phase.Length; user++)
        {
            phase[user] = random.Next(start.Length - 1);
            start[phase[user] + 1]++;
        }

        for (var i = 1; i < start.Length; i++)
        {
            start[i] += start[i - 1];
        }

        var users = new int[scenario.Users];
        var next = start.ToArray();
        for (var user = 0; user < phase.Length; user++)
        {
            users[next[phase[user]]++] = user;
        }

        return (users, start);
    }

    private static uint Mix(int value)
    {
        var mixed = (uint)value * 0x9E3779B9;
        mixed ^= mixed >> 15;
        mixed *= 0x85EBCA6B;
        return mixed ^ (mixed >> 13);
    }

    private static int Milliseconds(TimeSpan time) => Math.Max(1, (int)time.TotalMilliseconds);

    private static void Check(FleetScenario scenario)
    {
        if (scenario.ActiveFriends % 2 != 0 || scenario.ActiveFriends < 2 || scenario.ActiveFriends >= scenario.Users)
        {
            throw new ArgumentException($"Active friends must be an even number from 2 to the users ({scenario.Users}) less one; they are {scenario.ActiveFriends}.", nameof(scenario));
        }

        if (scenario.Gateways < 1 || scenario.Partitions < 1)
        {
            throw new ArgumentException("A fleet has at least one gateway and one partition.", nameof(scenario));
        }
    }
}
