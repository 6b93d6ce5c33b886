using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// A port that a resource listens on. <see cref="Allocated"/> is where others reach it: the process itself or, with replicas,
/// the balancer before them. Known before the first process starts.
/// </summary>
sealed class Endpoint(string name, string scheme, int? fixedPort, string host) : IResourceAnnotation
{
    public string Name => name;

    public string Scheme => scheme;

    public int? FixedPort => fixedPort;

    public string Host => host;

    public int? Allocated { get; set; }
}

/// <summary>The property of an endpoint that an expression stands for.</summary>
public enum EndpointProperty
{
    Url = 0,
    Host = 1,
    IPV4Host = 2,
    Port = 3,
    Scheme = 4,
    TargetPort = 5,
    HostAndPort = 6,
}

public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName) : IValueProvider
{
    public IResourceWithEndpoints Resource => owner;

    public string EndpointName => endpointName;

    public bool Exists => Find() is not null;

    public bool IsAllocated => Find()?.Allocated is not null;

    public string Scheme => Endpoint.Scheme;

    public string Host => Endpoint.Host;

    public int Port => Endpoint.Allocated
        ?? throw new InvalidOperationException($"The endpoint '{endpointName}' of '{owner.Name}' has no port before the system starts.");

    public string Url => $"{Scheme}://{Host}:{Port.ToString(CultureInfo.InvariantCulture)}";

    Endpoint Endpoint => Find()
        ?? throw new InvalidOperationException($"'{owner.Name}' has no endpoint '{endpointName}'.");

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<string?>(Url);

    Endpoint? Find() => owner.Annotations.OfType<Endpoint>().FirstOrDefault(endpoint => endpoint.Name == endpointName);
}

public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IValueProvider
{
    public EndpointReference Endpoint => endpointReference;

    public EndpointProperty Property => property;

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        var port = endpointReference.Port.ToString(CultureInfo.InvariantCulture);
        return ValueTask.FromResult<string?>(property switch
        {
            EndpointProperty.Url => endpointReference.Url,
            EndpointProperty.Host => endpointReference.Host,
            EndpointProperty.IPV4Host => "127.0.0.1",
            EndpointProperty.Scheme => endpointReference.Scheme,
            EndpointProperty.HostAndPort => $"{endpointReference.Host}:{port}",
            _ => port,
        });
    }
}

/// <summary>A link that the dashboard shows beside a resource.</summary>
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    public required string Url { get; set; }

    public string? DisplayText { get; set; }
}

public static class ResourceExtensions
{
    public static EndpointReference GetEndpoint(this IResourceWithEndpoints resource, string endpointName) => new(resource, endpointName);

    public static IEnumerable<EndpointReference> GetEndpoints(this IResourceWithEndpoints resource) =>
        resource.Annotations.OfType<Endpoint>().Select(endpoint => new EndpointReference(resource, endpoint.Name));

    /// <summary>How many processes the resource runs as; one unless <c>WithReplicas</c> says more.</summary>
    public static int GetReplicaCount(this IResource resource) => resource.Annotations.OfType<Replicas>().LastOrDefault()?.Count ?? 1;
}

sealed record Replicas(int Count) : IResourceAnnotation;
