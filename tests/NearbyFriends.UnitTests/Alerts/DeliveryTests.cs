using System.Net;
using System.Net.Http.Headers;
using NearbyFriends.Api.Notices;

namespace NearbyFriends.UnitTests.Alerts;

public sealed class DeliveryTests
{
    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("2606:4700::1111")]
    public void A_public_address_may_be_sent_to(string address) => Assert.True(PublicAddresses.Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.169.254")] // metadata of clouds
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::a00:1")] // NAT64 of 10.0.0.1
    [InlineData("2002:a00:1::")] // 6to4 of 10.0.0.1
    [InlineData("fe80::1")]
    [InlineData("fd00::1")]
    [InlineData("fec0::1")]
    public void A_private_or_special_address_may_not(string address) => Assert.False(PublicAddresses.Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://push.example.com/send/1", true)]
    [InlineData("http://push.example.com/send/1", false)]
    [InlineData("https://push.example.com:8443/send/1", false)]
    [InlineData("https://user@push.example.com/send/1", false)]
    [InlineData("https://10.0.0.1/", false)]
    [InlineData("https://0x7f.1/", false)]
    [InlineData("https://[::1]/", false)]
    [InlineData("https://[::ffff:127.0.0.1]/", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("/send/1", false)]
    public void An_endpoint_is_a_https_address_whose_host_is_no_private_address(string endpoint, bool isTaken) =>
        Assert.Equal(isTaken, PushApi.IsEndpoint(endpoint, isDevelopment: false));

    [Fact]
    public void Pauses_grow_with_jitter_up_to_ten_minutes_and_a_receiver_may_ask_for_more()
    {
        Assert.Equal(TimeSpan.FromSeconds(2), NoticeDeliveries.PauseAfter(1, default, random: 0));
        Assert.Equal(TimeSpan.FromSeconds(1), NoticeDeliveries.PauseAfter(1, default, random: 1));
        Assert.Equal(TimeSpan.FromSeconds(16), NoticeDeliveries.PauseAfter(4, default, random: 0));
        Assert.Equal(TimeSpan.FromMinutes(10), NoticeDeliveries.PauseAfter(1_000, default, random: 0));
        Assert.Equal(TimeSpan.FromSeconds(30), NoticeDeliveries.PauseAfter(1, TimeSpan.FromSeconds(30), random: 0));
        Assert.Equal(TimeSpan.FromMinutes(10), NoticeDeliveries.PauseAfter(1, TimeSpan.FromDays(1), random: 0));
    }

    [Theory]
    [InlineData(201, SendResult.Sent)]
    [InlineData(302, SendResult.Refused)] // a redirection leads anywhere
    [InlineData(400, SendResult.Refused)]
    [InlineData(404, SendResult.Gone)]
    [InlineData(410, SendResult.Gone)]
    [InlineData(413, SendResult.Refused)]
    [InlineData(429, SendResult.Failed)]
    [InlineData(503, SendResult.Failed)]
    public void An_answer_says_whether_to_try_again(int status, SendResult result) =>
        Assert.Equal(result, SendOutcome.Of((HttpStatusCode)status, retryAfter: null, DateTimeOffset.UnixEpoch).Result);

    [Theory]
    [InlineData("7", 7)]
    [InlineData("Fri, 27 Nov 2026 09:00:30 GMT", 30)]
    public void An_answer_says_by_seconds_or_a_date_when_to_try_again(string retryAfter, int seconds) => Assert.Equal(
        new SendOutcome(SendResult.Failed, TimeSpan.FromSeconds(seconds)),
        SendOutcome.Of(
            HttpStatusCode.ServiceUnavailable, RetryConditionHeaderValue.Parse(retryAfter),
            new DateTimeOffset(2026, 11, 27, 9, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void The_signature_is_that_of_time_and_body() => Assert.Equal(
        "t=1764000000,v1=" + Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("secret"u8, "1764000000.{}"u8)),
        WebhookSender.Sign("{}", 1_764_000_000, "secret"));

    [Fact]
    public void Keys_that_are_no_pair_are_found_out()
    {
        const string Public = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"; // of RFC 8291
        const string Private = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";

        Assert.True(PushKeys.IsPair(Public, Private));
        Assert.False(PushKeys.IsPair(Public, Private.Replace('q', 'r')));
        Assert.False(PushKeys.IsPair("B", "x"));
        Assert.True(PushKeys.IsPoint(Public));
        Assert.False(PushKeys.IsPoint(Public.Replace("BCV", "BCW")));
    }
}
