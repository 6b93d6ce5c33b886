using NearbyFriends.Core;
using NearbyFriends.People;

namespace NearbyFriends.UnitTests.Friends;

public sealed class FriendIdTests
{
    [Fact]
    public void A_friend_request_id_leads_back_to_both_users()
    {
        var id = new FriendRequestId(Addressee: long.MaxValue, Requester: 42);

        Assert.Equal(22, id.ToString().Length);
        Assert.Equal(id, FriendRequestId.Parse(id.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAA AAAAAAAAAAA")]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!")]
    public void What_is_no_friend_request_id_is_null(string text) => Assert.Null(FriendRequestId.Parse(text));

    [Fact]
    public void New_user_ids_are_positive_and_scattered()
    {
        var ids = Enumerable.Range(0, 1_000).Select(_ => UserId.New()).ToArray();

        Assert.All(ids, id => Assert.InRange(id, 1, long.MaxValue));
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(id, UserId.Parse(UserId.Format(id))));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("+5")]
    [InlineData(" 5")]
    [InlineData("5.0")]
    [InlineData("9223372036854775808")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_no_user_id_is_null(string? text) => Assert.Null(UserId.Parse(text));
}
