using System.IO.Compression;
using NearbyFriends.Simulator.People;
using NearbyFriends.Simulator.Replaying;
using NearbyFriends.Simulator.Walking;

namespace NearbyFriends.UnitTests.Simulator;

public sealed class InputTests
{
    [Fact]
    public void A_recording_is_cut_to_its_first_part_ordered_by_points_and_has_one_point_a_second()
    {
        using var file = new PackedFile("""
            mover_id,epoch_seconds,lat,lon
            b,1000,1,2
            a,1060,3,4
            a,1000,1,2
            a,1000,9,9
            c,1120,5,6
            """);

        var recording = Recording.Read(file.Path, TimeSpan.FromSeconds(120));

        Assert.Equal(1000, recording.Start);
        Assert.Equal(["a", "b", "c"], recording.Traces.Select(trace => trace.Mover));
        Assert.Equal([new(1000, 1, 2), new(1060, 3, 4)], recording.Traces[0].Points);
        Assert.Empty(recording.Traces[2].Points);
    }

    [Theory]
    [InlineData("a,1000,north,2", "'lat' is missing or not a Double")]
    [InlineData("a,1000,91,2", "is not on Earth")]
    [InlineData("a,1000,1", "'lon' is missing")]
    public void A_bad_line_is_named(string line, string problem)
    {
        using var file = new PackedFile($"mover_id,epoch_seconds,lat,lon\nb,1000,1,2\n{line}");
        var error = Assert.Throws<InvalidDataException>(() => Recording.Read(file.Path, null));
        Assert.Contains("line 3", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Friendships_are_laid_on_people_by_rank_of_degree()
    {
        // Degrees: 7 has 3; 5 and 9 have 2; 1 and 8 have 1, the lower id first.
        var graph = FriendGraph.ByRank(4, [(7, 5), (7, 9), (9, 5), (1, 7), (8, 8)]);
        Assert.Equal([(0, 1), (0, 2), (0, 3), (1, 2)], FriendGraph.ByRank(4, [(7, 5), (7, 9), (9, 5), (1, 7)]));
        Assert.DoesNotContain(graph, edge => edge.A == edge.B);
        Assert.Equal([(0, 1)], FriendGraph.ByRank(2, [(7, 5), (7, 9), (9, 5), (1, 7)]));
    }

    [Fact]
    public void A_random_graph_has_its_mean_degree_and_is_the_same_for_a_seed()
    {
        var graph = FriendGraph.Random(200, 12, new Random(1));
        Assert.Equal(1_200, graph.Count);
        Assert.All(graph, edge => Assert.True(edge.A < edge.B && edge.B < 200));
        Assert.Equal(graph, FriendGraph.Random(200, 12, new Random(1)));
        Assert.Equal(3, FriendGraph.Random(3, 50, new Random(1)).Count);
    }

    [Fact]
    public void Wanderers_of_a_seed_go_the_same_ways_and_stay_around_the_city()
    {
        var (one, other) = (new Wanderer(Spot.SanFrancisco, 9_000, new Random(5)), new Wanderer(Spot.SanFrancisco, 9_000, new Random(5)));
        for (var second = 0; second < 50_000; second++)
        {
            one.Advance(1);
            other.Advance(1);
            var (east, north) = Spot.SanFrancisco.To(one.Position);
            Assert.Equal(one.Position, other.Position);
            Assert.True(Math.Sqrt((east * east) + (north * north)) < 60_000);
        }
    }

    private sealed class PackedFile : IDisposable
    {
        public PackedFile(string content)
        {
            using var packed = new GZipStream(File.Create(Path), CompressionMode.Compress);
            using var writer = new StreamWriter(packed);
            writer.Write(content);
        }

        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), Guid.NewGuid() + ".csv.gz");

        public void Dispose() => File.Delete(Path);
    }
}
