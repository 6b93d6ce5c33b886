using System.Reflection;

namespace Aspire.Hosting.Standalone;

/// <summary>
/// How a test takes hold of an AppHost whose own Program builds and runs the system: it runs Program on a thread of its own,
/// and this, flowing with that thread, is called back where the builder is made, where it builds, and where it has built.
/// </summary>
sealed class TestRun(Assembly appHost, string[] arguments)
{
    static readonly AsyncLocal<TestRun?> Flowing = new();

    readonly TaskCompletionSource<ApplicationBuilder> builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource<DistributedApplication> application = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource mayBuild = new();

    /// <summary>The test that this thread's AppHost runs under, if any.</summary>
    public static TestRun? Current => Flowing.Value;

    public Assembly AppHost => appHost;

    /// <summary>Runs Program up to the point where it builds.</summary>
    public Task<ApplicationBuilder> StartProgram()
    {
        new Thread(Program) { IsBackground = true, Name = appHost.GetName().Name }.Start();
        return builder.Task;
    }

    /// <summary>Lets Program build.</summary>
    public Task<DistributedApplication> Build()
    {
        mayBuild.TrySetResult();
        return application.Task;
    }

    public void Configure(DistributedApplicationOptions options)
    {
        options.Args = [.. options.Args ?? [], .. arguments];
        options.DisableDashboard = true;
    }

    public void Building(ApplicationBuilder built)
    {
        builder.TrySetResult(built);
        mayBuild.Task.Wait();
    }

    public void Built(DistributedApplication built) => application.TrySetResult(built);

    void Program()
    {
        Flowing.Value = this;
        try
        {
            var main = appHost.EntryPoint ?? throw new InvalidOperationException($"{appHost.GetName().Name} has no entry point.");
            main.Invoke(null, main.GetParameters().Length == 0 ? [] : [Array.Empty<string>()]);
            Fail(new InvalidOperationException("The AppHost's Program ended without building a system."));
        }
        catch (TargetInvocationException failure)
        {
            Fail(failure.InnerException ?? failure);
        }
        catch (InvalidOperationException failure)
        {
            Fail(failure);
        }
    }

    void Fail(Exception failure)
    {
        builder.TrySetException(failure);
        application.TrySetException(failure);
    }
}
