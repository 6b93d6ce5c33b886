using BenchmarkDotNet.Attributes;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Watching;

namespace NearbyFriends.Benchmarks.Micro;

/// <summary>The steps of a delivery one by one, everything in the processor's caches.</summary>
[MemoryDiagnoser]
public class FanoutSteps
{
    private const double KeepMetres = 8_449;

    private readonly Location _centre = Location.FromDegrees(37.77, -122.42, 0);
    private readonly Location _near = Location.FromDegrees(37.78, -122.43, 0);
    private readonly Location _far = Location.FromDegrees(40.71, -74.01, 0);
    private readonly FriendLocation _location = new(1);
    private readonly byte[] _frame;
    private readonly BoundingBox _box;
    private readonly UnitVector _position;
    private readonly double _chord = GreatCircle.ChordSquaredOfMetres(KeepMetres);
    private long _time;

    public FanoutSteps()
    {
        _box = BoundingBox.Around(_centre, KeepMetres);
        _position = _centre.Position;
        var builder = new FrameBuilder();
        while (!builder.IsFull)
        {
            builder.TryAdd(FrameEntry.Moved(builder.Count, 1, _near, 0), default);
        }

        _frame = builder.Take(0);
    }

    [Benchmark(Description = "a friend far away: bounding box")]
    public bool BoxOfFar() => _box.MayContain(_far);

    [Benchmark(Description = "a friend nearby: bounding box, position, chord")]
    public bool ChordOfNear() => _box.MayContain(_near) && _position.ChordSquared(_near.Position) <= _chord;

    [Benchmark(Description = "a distance in metres to be shown")]
    public double Metres() => GreatCircle.MetresOfChordSquared(_position.ChordSquared(_near.Position));

    [Benchmark(Description = "a location moves")]
    public bool Move() => _location.TryMove(1, _near with { Time = ++_time }, 0);

    [Benchmark(Description = "a location is read")]
    public FriendState Read() => _location.Read();

    [Benchmark(Description = "a frame of 64 is decoded", OperationsPerInvoke = Frame.MaxEntries)]
    public long Decode()
    {
        var sum = 0L;
        FrameReader.TryOpen(_frame, out var reader);
        while (reader.TryRead(out var entry, out _))
        {
            sum += entry.UserId;
        }

        return sum;
    }

    [Benchmark(Description = "a message of ten is encoded, JSON", OperationsPerInvoke = 10)]
    public int EncodeJson() => Encode(MessageFormat.Json);

    [Benchmark(Description = "a message of ten is encoded, protobuf", OperationsPerInvoke = 10)]
    public int EncodeProtobuf() => Encode(MessageFormat.Protobuf);

    private int Encode(MessageFormat format)
    {
        var message = format.BeginFriends(1, 40);
        for (var i = 0; i < 10; i++)
        {
            format.Moved(message, new FriendEntry(4_503_599_627_370_496, null, _near, 1234.5), first: i == 0);
        }

        using var ended = format.EndFriends(message, []);
        return ended.Written.Length;
    }
}
