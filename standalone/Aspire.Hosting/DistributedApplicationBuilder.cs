using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Standalone;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

public interface IDistributedApplicationBuilder
{
    ConfigurationManager Configuration { get; }

    string AppHostDirectory { get; }

    IHostEnvironment Environment { get; }

    IServiceCollection Services { get; }

    DistributedApplicationExecutionContext ExecutionContext { get; }

    IResourceCollection Resources { get; }

    IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;

    IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource;

    DistributedApplication Build();
}

public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }

    public string? AssemblyName { get; set; }

    public bool DisableDashboard { get; set; }
}

/// <summary>Run or publish. Standalone mode only runs.</summary>
public class DistributedApplicationExecutionContext
{
    internal DistributedApplicationExecutionContext()
    {
    }

    public bool IsRunMode { get; } = true;

    public bool IsPublishMode { get; }
}

public class DistributedApplicationException : Exception
{
    public DistributedApplicationException()
    {
    }

    public DistributedApplicationException(string message) : base(message)
    {
    }

    public DistributedApplicationException(string message, Exception inner) : base(message, inner)
    {
    }
}

sealed class ApplicationBuilder : IDistributedApplicationBuilder
{
    readonly HostApplicationBuilder host;

    internal ApplicationBuilder(DistributedApplicationOptions options)
    {
        TestRun.Current?.Configure(options);
        if (options.Args is { } args && args.Any(argument => argument is "--operation" or "--publisher"))
            throw new DistributedApplicationException("Standalone mode only runs; publishing takes the real Aspire packages (Standalone=false).");

        AppHost = options.AssemblyName is { } name ? Assembly.Load(name) : TestRun.Current?.AppHost ?? Assembly.GetEntryAssembly()!;
        AppHostDirectory = Metadata(AppHost, "apphostprojectpath") ?? Directory.GetCurrentDirectory();
        host = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = options.Args,
            ApplicationName = AppHost.GetName().Name,
            ContentRootPath = AppHostDirectory,
            EnvironmentName = System.Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")
                ?? System.Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT")
                ?? Environments.Development,
        });
        // Nothing of this process listens; ASPNETCORE_URLS, as in the real thing, is where the dashboard is shown.
        Dashboard = options.DisableDashboard ? null : DashboardServer.From(host.Configuration);
        host.Configuration["ASPNETCORE_URLS"] = Dashboard?.FrontendUrl;

        host.Logging.ClearProviders().AddProvider(new HostLog()).AddFilter("Microsoft.Hosting", LogLevel.Warning);
        host.Services.Configure<HostOptions>(settings => settings.ShutdownTimeout = TimeSpan.FromMinutes(2));
        host.Services.AddSingleton(new DistributedApplicationModel(Resources));
        host.Services.AddSingleton(new ResourceNotificationService());
        host.Services.AddSingleton(new ResourceCommandService());
    }

    public ConfigurationManager Configuration => host.Configuration;

    public string AppHostDirectory { get; }

    public IHostEnvironment Environment => host.Environment;

    public IServiceCollection Services => host.Services;

    public DistributedApplicationExecutionContext ExecutionContext { get; } = new();

    public IResourceCollection Resources { get; } = new ResourceCollection();

    internal Assembly AppHost { get; }

    internal DashboardServer? Dashboard { get; }

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        if (Resources.TryGetByName(resource.Name, out _))
            throw new DistributedApplicationException($"There is a resource '{resource.Name}' already.");

        Resources.Add(resource);
        return new ResourceBuilder<T>(this, resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        TestRun.Current?.Building(this);
        host.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<Orchestrator>(services, this));
        var application = new DistributedApplication(host.Build(), TestRun.Current);
        TestRun.Current?.Built(application);
        return application;
    }

    static string? Metadata(Assembly assembly, string key) =>
        assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(pair => pair.Key == key)?.Value;
}
