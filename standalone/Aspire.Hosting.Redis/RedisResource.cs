using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

public class RedisResource(string name, ParameterResource password) : ContainerResource(name), IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "tcp";

    public EndpointReference PrimaryEndpoint => new(this, PrimaryEndpointName);

    public ParameterResource PasswordParameter { get; } = password;

    /// <summary>As StackExchange.Redis reads it.</summary>
    public async ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default)
    {
        var secret = await PasswordParameter.GetValueAsync(cancellationToken);
        return $"{PrimaryEndpoint.Host}:{PrimaryEndpoint.Port.ToString(CultureInfo.InvariantCulture)},password={secret}";
    }
}
