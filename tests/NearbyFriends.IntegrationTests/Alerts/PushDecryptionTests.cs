using System.Buffers.Text;
using System.Security.Cryptography;

namespace NearbyFriends.IntegrationTests.Alerts;

public sealed class PushDecryptionTests
{
    /// <summary>RFC 8291, section 5 and appendix A.</summary>
    [Fact]
    public void The_example_of_RFC_8291_is_decrypted()
    {
        const string PublicKey = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        const string PrivateKey = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
        const string Auth = "BTBZMqHH6r4Tts7J_aSIgg";
        const string Body = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        using var browser = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = Base64Url.DecodeFromChars(PrivateKey) });

        Assert.Equal(PublicKey, Base64Url.EncodeToString(PushDecryption.PublicKeyOf(browser)));
        Assert.Equal(
            "When I grow up, I want to be a watermelon",
            PushDecryption.Decrypt(Base64Url.DecodeFromChars(Body), browser, Base64Url.DecodeFromChars(Auth)));
    }
}
