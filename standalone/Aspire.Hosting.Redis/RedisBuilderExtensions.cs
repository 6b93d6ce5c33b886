using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Standalone;

namespace Aspire.Hosting;

public static class RedisBuilderExtensions
{
    /// <summary>Adds the machine's redis-server, with a password of its own.</summary>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        // Without signs: a comma would end the password in a connection string.
        var secret = password?.Resource
            ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        return builder.AddResource(new RedisResource(name, secret))
            .WithAnnotation(new Endpoint(RedisResource.PrimaryEndpointName, "redis", port, "127.0.0.1"))
            .WithAnnotation(new NativeServer(RedisServer.Plan))
            .WithAnnotation(new InstanceCheck(RedisServer.Ping));
    }

    /// <summary>Keeps the data between runs, in snapshots at least (the model may ask for more by arguments).</summary>
    public static IResourceBuilder<RedisResource> WithDataVolume(
        this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false) =>
        builder.WithAnnotation(new KeepsData(name ?? builder.Resource.Name));
}
