using System.IO.Hashing;

namespace NearbyFriends.IntegrationTests.Standalone;

/// <summary>The vectors of the reference implementation's self-test (xxhsum), which cover each range of lengths.</summary>
public class XxHash3Tests
{
    private const ulong Prime32 = 2_654_435_761;
    private const ulong Prime64 = 11_400_714_785_074_694_797;

    [Theory]
    [InlineData(0, false, 0x2D06800538D394C2)]
    [InlineData(0, true, 0xA8A6B918B2F0364A)]
    [InlineData(1, false, 0xC44BDFF4074EECDB)]
    [InlineData(1, true, 0x032BE332DD766EF8)]
    [InlineData(6, false, 0x27B56A84CD2D7325)]
    [InlineData(6, true, 0x84589C116AB59AB9)]
    [InlineData(12, false, 0xA713DAF0DFBB77E7)]
    [InlineData(12, true, 0xE7303E1B2336DE0E)]
    [InlineData(24, false, 0xA3FE70BF9D3510EB)]
    [InlineData(24, true, 0x850E80FC35BDD690)]
    [InlineData(48, false, 0x397DA259ECBA1F11)]
    [InlineData(48, true, 0xADC2CBAA44ACC616)]
    [InlineData(80, false, 0xBCDEFBBB2C47C90A)]
    [InlineData(80, true, 0xC6DD0CB699532E73)]
    [InlineData(195, false, 0xCD94217EE362EC3A)]
    [InlineData(195, true, 0xBA68003D370CB3D9)]
    [InlineData(403, false, 0xCDEB804D65C6DEA4)]
    [InlineData(403, true, 0x6259F6ECFD6443FD)]
    [InlineData(512, false, 0x617E49599013CB6B)]
    [InlineData(512, true, 0x3CE457DE14C27708)]
    [InlineData(2048, false, 0xDD59E2C3A5F038E0)]
    [InlineData(2048, true, 0x66F81670669ABABC)]
    [InlineData(2099, false, 0xC6B9D9B3FC9AC765)]
    [InlineData(2099, true, 0x184F316843663974)]
    [InlineData(2240, false, 0x6E73A90539CF2948)]
    [InlineData(2240, true, 0x757BA8487D1B5247)]
    [InlineData(2367, false, 0xCB37AEB9E5D361ED)]
    [InlineData(2367, true, 0xD2DB3415B942B42A)]
    public void A_published_vector_is_reproduced(int length, bool seeded, ulong expected)
    {
        Assert.Equal(expected, XxHash3.HashToUInt64(Input(length), seeded ? unchecked((long)Prime64) : 0));
    }

    // As the self-test makes its input.
    private static byte[] Input(int length)
    {
        var bytes = new byte[length];
        var next = Prime32;
        for (var i = 0; i < length; i++, next = unchecked(next * Prime64))
            bytes[i] = (byte)(next >> 56);

        return bytes;
    }
}
