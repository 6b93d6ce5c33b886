using NearbyFriends.Fanout.Channels;


namespace NearbyFriends.UnitTests.Fanout;

public sealed class ChannelSchemeTests
{
    [Theory]
    [InlineData("Partitioned(1)", 1)]
    [InlineData("partitioned(16)", 16)]
    [InlineData("PerUser", ChannelScheme.PerUserSlots)]
    public void The_setting_says_how_many_slots_there_are(string text, int slots) =>
        Assert.Equal(slots, ChannelScheme.TryParse(text)!.SlotCount);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Partitioned")]
    [InlineData("Partitioned()")]
    [InlineData("Partitioned(0)")]
    [InlineData("Partitioned(-1)")]
    [InlineData("Partitioned(4097)")]
    [InlineData("PerUser(3)")]
    public void Anything_else_is_refused(string? text) => Assert.Null(ChannelScheme.TryParse(text));

    [Fact]
    public void Users_spread_evenly_over_partitions_though_their_ids_are_neighbours()
    {
        var scheme = ChannelScheme.Partitioned(16);

        var loads = Enumerable.Range(1, 160_000).CountBy(user => scheme.SlotOf(user)).Select(load => load.Value).ToList();

        Assert.Equal(16, loads.Count);
        Assert.All(loads, load => Assert.InRange(load, 9_500, 10_500));
    }

    [Theory]
    [InlineData("Partitioned(16)", "p0", 0)]
    [InlineData("Partitioned(16)", "p15", 15)]
    [InlineData("Partitioned(16)", "p16", null)]
    [InlineData("Partitioned(16)", "u7", null)]
    [InlineData("Partitioned(16)", "p-1", null)]
    [InlineData("Partitioned(16)", "p", null)]
    [InlineData("Partitioned(16)", null, null)]
    [InlineData("PerUser", "p0", null)]
    public void Operators_name_channels(string scheme, string? channel, int? slot) =>
        Assert.Equal(slot, ChannelScheme.TryParse(scheme)!.TryParseSlot(channel));

    [Fact]
    public void Operators_name_the_channel_of_a_user_where_each_has_one() =>
        Assert.Equal(ChannelScheme.PerUser.SlotOf(42), ChannelScheme.PerUser.TryParseSlot("u42"));

    [Fact]
    public void Wrong_settings_are_named()
    {
        var result = new ValidateFanoutOptions().Validate(null, new FanoutOptions { Channels = "Some", FrameWindow = TimeSpan.FromMinutes(1) });

        Assert.Contains("Fanout:Channels", result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("Fanout:FrameWindow", result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("Fanout:Servers", result.FailureMessage, StringComparison.Ordinal);
    }
}
