using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Standalone;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>The system, built: run it, or start and stop it.</summary>
public class DistributedApplication : IHost, IAsyncDisposable
{
    readonly IHost host;
    readonly TestRun? test;

    internal DistributedApplication(IHost host, TestRun? test) => (this.host, this.test) = (host, test);

    public IServiceProvider Services => host.Services;

    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => CreateBuilder(new DistributedApplicationOptions { Args = args });

    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => new ApplicationBuilder(options);

    /// <summary>Runs until Ctrl-C or SIGTERM, then stops what it started. Under a test the test starts and stops it.</summary>
    public void Run()
    {
        if (test is null)
            host.Run();
        else
            host.WaitForShutdown();
    }

    public virtual Task RunAsync(CancellationToken cancellationToken = default) =>
        test is null ? host.RunAsync(cancellationToken) : host.WaitForShutdownAsync(cancellationToken);

    public virtual Task StartAsync(CancellationToken cancellationToken = default) => host.StartAsync(cancellationToken);

    public virtual Task StopAsync(CancellationToken cancellationToken = default) => host.StopAsync(cancellationToken);

    public virtual async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        if (host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        else
            host.Dispose();

        GC.SuppressFinalize(this);
    }

    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }
}
