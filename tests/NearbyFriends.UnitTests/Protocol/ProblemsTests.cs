using NearbyFriends.Gateway.Protocol;

namespace NearbyFriends.UnitTests.Protocol;

public sealed class ProblemsTests
{
    [Theory]
    [InlineData(ErrorCodes.InvalidLocation)]
    [InlineData(ErrorCodes.ClockSkew)]
    [InlineData(ErrorCodes.TooOld)]
    [InlineData(ErrorCodes.NoFix)]
    [InlineData(ErrorCodes.NotSharing)]
    public void A_location_that_is_rejected_in_a_session_has_a_problem_of_the_same_code_by_http(string errorCode)
    {
        Assert.Equal(errorCode.Replace('_', '-'), Problems.KindOf(errorCode).Code);
    }
}
