using NearbyFriends.Core.Geo;
using NearbyFriends.History;


namespace NearbyFriends.UnitTests.History;

public sealed class HistoryBatchTests
{
    private const long Now = 1_800_000_000_000;

    [Fact]
    public void What_is_encoded_is_decoded()
    {
        var random = new Random(1);
        for (var round = 0; round < 1_000; round++)
        {
            var points = new HistoryPoint[random.Next(0, HistoryBatch.MaxPoints + 1)];
            foreach (ref var point in points.AsSpan())
            {
                point = AnyPoint(random);
            }

            Assert.Equal(points, Decode(Encode(points)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    public void Extremes_are_kept(long user)
    {
        HistoryPoint[] points =
        [
            new(user, new(900_000_000, 1_800_000_000, 0), float.NaN, 253_402_300_799_999),
            new(user, new(-900_000_000, -1_800_000_000, 253_402_300_799_999), 0, 0),
        ];

        Assert.Equal(points, Decode(Encode(points)));
    }

    [Fact]
    public void A_batch_of_32_takes_less_than_30_bytes_per_point()
    {
        var random = new Random(2);
        var points = Enumerable.Range(0, 32)
            .Select(i => new HistoryPoint(random.NextInt64(1, long.MaxValue), Location.FromDegrees(37.5 + (i * 0.01), 127, Now - random.Next(5_000)), 12.5f, Now + i))
            .ToArray();

        Assert.InRange(Encode(points).Length, 32, 32 * 30);
    }

    [Fact]
    public void Accuracy_is_kept_to_the_centimetre_and_nonsense_is_none()
    {
        var accuracies = new[] { 0, 0.004f, 12.345f, -1, float.PositiveInfinity, float.MaxValue }.Select(metres =>
            Decode(Encode([new(1, new(0, 0, Now), metres, Now)]))[0].AccuracyMetres);

        Assert.Equal([0, 0, 12.34f, float.NaN, float.NaN, float.NaN], accuracies.Select(metres => MathF.Round(metres, 2)), new WithinACentimetre());
    }

    [Fact]
    public void A_batch_cut_short_anywhere_or_with_more_behind_it_is_refused()
    {
        var batch = Encode([AnyPoint(new(3)), AnyPoint(new(4))]);

        for (var length = 0; length < batch.Length; length++)
        {
            Assert.NotNull(HistoryBatch.Decode(batch.AsSpan(0, length), new HistoryPoint[HistoryBatch.MaxPointsIn(length)], out _));
        }

        byte[] longer = [.. batch, 0];
        Assert.Equal("trailing bytes", HistoryBatch.Decode(longer, new HistoryPoint[HistoryBatch.MaxPointsIn(longer.Length)], out _));
    }

    [Fact]
    public void Noise_is_refused_or_decoded_but_never_crashes()
    {
        var random = new Random(5);
        for (var round = 0; round < 20_000; round++)
        {
            var noise = new byte[random.Next(0, 200)];
            random.NextBytes(noise);
            if (noise.Length > 0)
            {
                noise[0] = 1;
            }

            HistoryBatch.Decode(noise, new HistoryPoint[HistoryBatch.MaxPointsIn(noise.Length)], out var count);
            Assert.InRange(count, 0, HistoryBatch.MaxPointsIn(noise.Length));
        }
    }

    [Theory]
    [InlineData(0, 0, 0, Now, "user id out of range")]
    [InlineData(1, 900_000_001, 0, Now, "position out of range")]
    [InlineData(1, 0, -1_800_000_001, Now, "position out of range")]
    [InlineData(1, 0, 0, -1, "time out of range")]
    public void A_point_that_nobody_can_have_sent_is_refused(long user, int latitude, int longitude, long time, string reason)
    {
        var batch = Encode([new(user, new(latitude, longitude, time), 1, Now)]);

        Assert.Equal(reason, HistoryBatch.Decode(batch, new HistoryPoint[HistoryBatch.MaxPointsIn(batch.Length)], out _));
    }

    [Fact]
    public void Users_spread_evenly_over_the_streams()
    {
        var counts = Enumerable.Range(1, 160_000).CountBy(user => HistoryStreams.Of(user)).ToDictionary();

        Assert.Equal(HistoryStreams.Count, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 9_000, 11_000));
    }

    private static HistoryPoint AnyPoint(Random random) => new(
        random.NextInt64(1, long.MaxValue),
        Location.FromDegrees((random.NextDouble() * 180) - 90, (random.NextDouble() * 360) - 180, Now - random.NextInt64(0, 86_400_000)),
        random.Next(4) == 0 ? float.NaN : random.Next(0, 100_000) / 100f,
        Now + random.Next(1_000));

    private static byte[] Encode(HistoryPoint[] points)
    {
        var target = new byte[HistoryBatch.MaxBytes(points.Length)];
        return target[..HistoryBatch.Encode(points, target)];
    }

    private static HistoryPoint[] Decode(byte[] batch)
    {
        var points = new HistoryPoint[HistoryBatch.MaxPointsIn(batch.Length)];
        Assert.Null(HistoryBatch.Decode(batch, points, out var count));
        return points[..count];
    }

    private sealed class WithinACentimetre : IEqualityComparer<float>
    {
        public bool Equals(float x, float y) => (float.IsNaN(x) && float.IsNaN(y)) || Math.Abs(x - y) < 0.011f;

        public int GetHashCode(float obj) => 0;
    }
}
