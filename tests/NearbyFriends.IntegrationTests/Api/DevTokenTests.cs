using Microsoft.IdentityModel.JsonWebTokens;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>Tokens without a login, in Development.</summary>
[Collection(ApiCollection.Name)]
public sealed class DevTokenTests(ApiReplicas api)
{
    [Fact]
    public async Task An_operators_token_has_the_role_and_is_no_users()
    {
        var anyone = api.First.Connect();

        var token = (await anyone.PostAsync("v1/dev/operator-tokens")).Text("accessToken");
        var me = await api.Second.Connect(token).GetAsync("v1/me");

        Assert.Equal("operator", new JsonWebToken(token).GetClaim("role").Value);
        Assert.Equal(401, me.Status);
    }

    [Fact]
    public async Task A_users_token_has_no_role()
    {
        var alice = await api.First.RegisterAsync();

        Assert.DoesNotContain(new JsonWebToken(alice.Token).Claims, claim => claim.Type == "role");
    }
}
