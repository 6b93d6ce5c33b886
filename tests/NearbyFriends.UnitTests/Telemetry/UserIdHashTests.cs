using Microsoft.Extensions.Options;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.ServiceDefaults.Telemetry;

namespace NearbyFriends.UnitTests.Telemetry;

public class UserIdHashTests
{
    [Fact]
    public void A_user_has_the_same_name_in_every_service_with_the_same_key()
    {
        Assert.Equal(Hash(signingKey: "one").Of(42), Hash(signingKey: "one").Of(42));
        Assert.Equal(Hash(hashKey: "one").Of(42), Hash(hashKey: "one", signingKey: "other").Of(42));
    }

    [Fact]
    public void Another_user_or_another_key_gives_another_name()
    {
        string[] names = [Hash(hashKey: "one").Of(42), Hash(hashKey: "one").Of(43), Hash(hashKey: "other").Of(42), Hash().Of(42), Hash().Of(42)];

        Assert.Distinct(names);
        Assert.All(names, name => Assert.Matches("^[0-9a-f]{16}$", name));
    }

    private static UserIdHash Hash(string? hashKey = null, string? signingKey = null) =>
        new(Options.Create(new TelemetryOptions { HashKey = hashKey }), Options.Create(new AuthOptions { SigningKey = signingKey }));
}
