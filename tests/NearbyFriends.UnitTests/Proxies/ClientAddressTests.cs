using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using NearbyFriends.Gateway.OwnTracks;
using NearbyFriends.ServiceDefaults.Authentication;
using NearbyFriends.ServiceDefaults.RateLimits;
using NearbyFriends.UnitTests.Sessions;

namespace NearbyFriends.UnitTests.Proxies;

/// <summary>Limits by address count a network of IPv6 as one address: whoever has it has 2^64 of them.</summary>
public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    public void Addresses_of_one_network_of_IPv6_have_one_key_and_those_of_IPv4_one_each(string one, string other, bool isSame) =>
        Assert.Equal(isSame, ClientAddress.KeyOf(IPAddress.Parse(one)) == ClientAddress.KeyOf(IPAddress.Parse(other)));

    [Fact]
    public async Task Wrong_passwords_from_all_addresses_of_a_network_count_together()
    {
        await using var logins = new DeviceLogins(new NoFriendSource());
        for (var i = 1; i <= DeviceLogins.WrongPerUser; i++)
        {
            Assert.Equal(LoginOutcome.Refused, await LoginAsync(logins, $"2001:db8::{i}"));
        }

        Assert.Equal(LoginOutcome.Limited, await LoginAsync(logins, "2001:db8::ffff"));
        Assert.Equal(LoginOutcome.Refused, await LoginAsync(logins, "2001:db8:0:1::1"));
    }

    [Fact]
    public void Wrong_operator_keys_from_all_addresses_of_a_network_count_together()
    {
        using var wrong = new WrongKeys();
        for (var i = 1; i <= WrongKeys.PerMinute; i++)
        {
            wrong.Add(IPAddress.Parse($"2001:db8::{i}"));
        }

        Assert.True(wrong.AreTooMany(IPAddress.Parse("2001:db8::ffff")));
        Assert.False(wrong.AreTooMany(IPAddress.Parse("2001:db8:0:1::1")));
    }

    private static async Task<LoginOutcome> LoginAsync(DeviceLogins logins, string address)
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Parse(address);
        http.Request.Headers.Authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("ada:wrong"));
        return (await logins.IdentifyAsync(http)).Outcome;
    }
}
