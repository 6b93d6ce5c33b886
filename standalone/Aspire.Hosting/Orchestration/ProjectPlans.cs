using System.Globalization;
using System.Reflection;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Standalone;

/// <summary>How a replica of a project runs: the assembly that was built with the AppHost, in the project's folder.</summary>
sealed class ProjectPlans(ApplicationBuilder builder)
{
    readonly string configuration = builder.AppHost.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
    readonly string framework = TargetFramework(builder.AppHost);

    public async Task<ProcessPlan> For(ProjectResource project, Instance instance, CancellationToken cancel)
    {
        var path = project.Annotations.OfType<IProjectMetadata>().Single().ProjectPath;
        var folder = Path.GetDirectoryName(path)!;
        var assembly = Path.Combine(folder, "bin", configuration, framework, Path.GetFileNameWithoutExtension(path) + ".dll");
        if (!File.Exists(assembly)) throw new DistributedApplicationException($"{assembly} is not there: build the AppHost.");

        var dotnet = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet"
            ? host
            : Machine.Find("dotnet", "dotnet-sdk-10.0");
        var environment = await ModelValues.Environment(project, cancel);
        var urls = project.GetEndpoints().Select(endpoint =>
            $"{endpoint.Scheme}://{endpoint.Host}:{instance.Port(endpoint.EndpointName).ToString(CultureInfo.InvariantCulture)}");
        // Empty rather than absent, or a project without endpoints would inherit the AppHost's.
        environment.TryAdd("ASPNETCORE_URLS", string.Join(';', urls));
        environment.TryAdd("LOGGING__CONSOLE__FORMATTERNAME", "simple");
        environment.TryAdd("LOGGING__CONSOLE__FORMATTEROPTIONS__SINGLELINE", "true");
        builder.Dashboard?.Announce(environment, project.Name, instance.Number, builder.Environment.EnvironmentName);

        var arguments = await ModelValues.Arguments(project, cancel);
        return new ProcessPlan(dotnet, [assembly, .. arguments]) { Environment = environment, WorkingDirectory = folder };
    }

    static string TargetFramework(Assembly assembly)
    {
        var name = new FrameworkName(assembly.GetCustomAttribute<TargetFrameworkAttribute>()!.FrameworkName);
        return string.Create(CultureInfo.InvariantCulture, $"net{name.Version.Major}.{name.Version.Minor}");
    }
}
