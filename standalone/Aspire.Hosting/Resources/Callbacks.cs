using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    public class EnvironmentCallbackContext(
        DistributedApplicationExecutionContext executionContext,
        IResource resource,
        Dictionary<string, object>? environmentVariables = null,
        CancellationToken cancellationToken = default)
    {
        public DistributedApplicationExecutionContext ExecutionContext => executionContext;

        public IResource Resource => resource;

        /// <summary>Strings, or value providers that are asked when the process starts.</summary>
        public Dictionary<string, object> EnvironmentVariables { get; } = environmentVariables ?? [];

        public CancellationToken CancellationToken => cancellationToken;
    }

    public sealed class CommandLineArgsCallbackContext(IList<object> args, IResource resource, CancellationToken cancellationToken = default)
    {
        public IList<object> Args => args;

        public IResource Resource => resource;

        public DistributedApplicationExecutionContext ExecutionContext { get; } = new();

        public CancellationToken CancellationToken => cancellationToken;
    }
}

namespace Aspire.Hosting.Standalone
{
    sealed record EnvironmentCallback(Action<EnvironmentCallbackContext> Callback) : IResourceAnnotation;

    sealed record ArgumentsCallback(Action<CommandLineArgsCallbackContext> Callback) : IResourceAnnotation;

    sealed record WaitsFor(IResource Dependency) : IResourceAnnotation;

    /// <summary>Keeps its data between runs, under this name.</summary>
    sealed record KeepsData(string Name) : IResourceAnnotation;
}
