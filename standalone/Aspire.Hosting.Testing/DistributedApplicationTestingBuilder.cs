using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Standalone;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable
{
    new ConfigurationManager Configuration { get; }

    new IServiceCollection Services { get; }

    new DistributedApplicationExecutionContext ExecutionContext { get; }

    new IHostEnvironment Environment { get; }

    new IResourceCollection Resources { get; }

    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}

/// <summary>Runs an AppHost's Program inside a test, up to where it builds, and hands its builder over.</summary>
public static class DistributedApplicationTestingBuilder
{
    /// <typeparam name="TEntryPoint">A type of the AppHost's assembly, such as <c>Projects.NAME_AppHost</c>.</typeparam>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, CancellationToken cancellationToken = default) where TEntryPoint : class
    {
        var run = new TestRun(typeof(TEntryPoint).Assembly, args);
        return new Builder(run, await run.StartProgram().WaitAsync(cancellationToken));
    }

    sealed class Builder(TestRun run, ApplicationBuilder inner) : IDistributedApplicationTestingBuilder
    {
        DistributedApplication? application;

        public ConfigurationManager Configuration => inner.Configuration;

        public string AppHostDirectory => inner.AppHostDirectory;

        public IHostEnvironment Environment => inner.Environment;

        public IServiceCollection Services => inner.Services;

        public DistributedApplicationExecutionContext ExecutionContext => inner.ExecutionContext;

        public IResourceCollection Resources => inner.Resources;

        public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource => inner.AddResource(resource);

        public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => inner.CreateResourceBuilder(resource);

        public async Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) =>
            application = await run.Build().WaitAsync(cancellationToken);

        [SuppressMessage("Design", "MA0042", Justification = "The interface's synchronous face of the same thing.")]
        DistributedApplication IDistributedApplicationBuilder.Build() => BuildAsync().GetAwaiter().GetResult();

        public async ValueTask DisposeAsync()
        {
            if (application is not null) await application.DisposeAsync();
        }
    }
}

public static class DistributedApplicationHostingTestingExtensions
{
    /// <summary>A client of the resource's endpoint; of the balanced one if it has replicas.</summary>
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = null) =>
        new() { BaseAddress = app.GetEndpoint(resourceName, endpointName) };

    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        if (Find(app, resourceName) is not IResourceWithEndpoints resource)
            throw new ArgumentException($"'{resourceName}' has no endpoints.", nameof(resourceName));

        return new Uri(resource.GetEndpoint(endpointName ?? "http").Url);
    }

    public static async ValueTask<string?> GetConnectionStringAsync(
        this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default) =>
        Find(app, resourceName) is IResourceWithConnectionString resource
            ? await resource.GetConnectionStringAsync(cancellationToken)
            : throw new ArgumentException($"'{resourceName}' has no connection string.", nameof(resourceName));

    static IResource Find(DistributedApplication app, string name) =>
        app.Services.GetRequiredService<DistributedApplicationModel>().Resources.TryGetByName(name, out var resource)
            ? resource
            : throw new ArgumentException($"There is no resource '{name}'.", nameof(name));
}
