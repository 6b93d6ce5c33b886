using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NearbyFriends.TestServers;

/// <summary>A certificate authority that nobody trusts but who is told to, and the certificate of servers on this machine that it signed.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nearbyfriends-certificates-");

    public TestAuthority()
    {
        var (from, until) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var authorityKey = RSA.Create(2048);
        var authority = new CertificateRequest("CN=Authority of the tests", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var root = authority.CreateSelfSigned(from, until);

        using var serverKey = RSA.Create(2048);
        var server = new CertificateRequest("CN=localhost", serverKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        server.CertificateExtensions.Add(names.Build());
        using var certificate = server.Create(root, from, until, [1]);

        (CertificatePem, KeyPem) = (certificate.ExportCertificatePem(), serverKey.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(AuthorityFile, root.ExportCertificatePem());
        File.WriteAllText(CertificateFile, CertificatePem);
        File.WriteAllText(KeyFile, KeyPem);
    }

    /// <summary>PEM; what clients trust.</summary>
    public string AuthorityFile => Path.Combine(_folder.FullName, "authority.pem");

    /// <summary>PEM; of servers on localhost and 127.0.0.1.</summary>
    public string CertificateFile => Path.Combine(_folder.FullName, "server.pem");

    /// <summary>PEM; the key of <see cref="CertificateFile"/>.</summary>
    public string KeyFile => Path.Combine(_folder.FullName, "server-key.pem");

    /// <summary>Trusts this authority alone.</summary>
    internal X509ChainPolicy Trust => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(AuthorityFile) },
        RevocationMode = X509RevocationMode.NoCheck,
    };

    internal string CertificatePem { get; }

    internal string KeyPem { get; }

    public void Dispose() => _folder.Delete(recursive: true);
}
