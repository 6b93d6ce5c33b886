using NearbyFriends.People;

namespace NearbyFriends.UnitTests.Friends;

public sealed class FriendOptionsTests
{
    private const string Key = "a key of thirty-two characters, or more";

    public static TheoryData<FriendOptions, string> Wrong => new()
    {
        { new() { MaxFriends = 0 }, "Friends:MaxFriends" },
        { new() { MaxFriends = 5_001 }, "Friends:MaxFriends" },
        { new() { ReadChangesEvery = TimeSpan.Zero }, "Friends:ReadChangesEvery" },
        { new() { ReadChangesEvery = TimeSpan.FromSeconds(31) }, "Friends:ReadChangesEvery" },
        { new() { ApiKey = "short" }, "Friends:ApiKey" },
        { new() { Source = FriendSourceKind.Api, ApiKey = Key }, "Friends:ApiUrl" },
        { new() { Source = FriendSourceKind.Api, ApiKey = Key, ApiUrl = new("ftp://friends.example") }, "Friends:ApiUrl" },
        { new() { Source = FriendSourceKind.Api, ApiUrl = new("https://friends.example") }, "Friends:ApiKey" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_setting_that_cannot_work_is_named(FriendOptions options, string setting) =>
        Assert.Contains(setting, new ValidateFriendOptions().Validate(null, options).FailureMessage, StringComparison.Ordinal);

    [Fact]
    public void The_defaults_work() => Assert.True(new ValidateFriendOptions().Validate(null, new()).Succeeded);
}
