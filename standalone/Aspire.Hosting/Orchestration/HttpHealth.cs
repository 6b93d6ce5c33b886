using System.Globalization;

namespace Aspire.Hosting.Standalone;

/// <summary>Asks an instance for a page.</summary>
static class HttpHealth
{
    static readonly HttpClient Client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1) });

    public static InstanceCheck Check(string endpoint, string path, int expected) => new(async (instance, cancel) =>
    {
        var port = instance.Port(endpoint).ToString(CultureInfo.InvariantCulture);
        var url = new Uri($"http://127.0.0.1:{port}{path}");
        using var response = await Client.GetAsync(url, cancel);
        if ((int)response.StatusCode != expected)
            throw new HttpRequestException($"GET {url} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancel)}");
    });
}
