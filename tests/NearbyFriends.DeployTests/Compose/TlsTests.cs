using System.Net;
using NearbyFriends.TestServers;

namespace NearbyFriends.DeployTests.Compose;

/// <summary>TLS as compose.yaml sets it up, by a real HAProxy, with a certificate made as docs/deployment.md says.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nearbyfriends-tls-");

    [Fact]
    public async Task The_balancer_speaks_HTTP_2_with_the_certificate_of_the_trial()
    {
        if (!DeployPrograms.IsInstalled("openssl"))
        {
            Assert.Skip("openssl is not installed.");
        }

        var made = DeployPrograms.Run("sh", ["-c", $"cd {_folder.FullName} && {CommandOfTheTrial()}"]);
        Assert.True(made.ExitCode == 0, made.Error);
        var bind = ComposeFile.Read("compose.yaml").EnvironmentOf("haproxy")["HAPROXY_BIND"];
        await using var balancer = await HaProxyServer.StartAsync(
            slots: 1, bindOptions: bind[":443".Length..].Replace("/etc/haproxy/site.pem", Path.Combine(_folder.FullName, "site.pem"), StringComparison.Ordinal));
        string? subject = null;
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => (subject = certificate?.Subject) is not null;
        using var client = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var answer = await client.GetAsync(balancer.Address, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode); // there is no service behind it
        Assert.Equal("CN=localhost", subject);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string CommandOfTheTrial() =>
        File.ReadLines(Path.Combine(Repository.Root, "docs", "deployment.md")).Single(line => line.StartsWith("openssl req -x509", StringComparison.Ordinal));
}
