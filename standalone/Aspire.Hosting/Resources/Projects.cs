using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    public class ProjectResource(string name)
        : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport;
}

namespace Aspire.Hosting
{
    public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

    public interface IProjectMetadata : IResourceAnnotation
    {
        string ProjectPath { get; }
    }

    public static class ProjectResourceBuilderExtensions
    {
        /// <summary>
        /// Adds a project that has been built with the AppHost. Launch profiles are for the real thing: only
        /// <see langword="null"/>, none, is understood.
        /// </summary>
        public static IResourceBuilder<ProjectResource> AddProject<TProject>(
            this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
            where TProject : IProjectMetadata, new() =>
            launchProfileName is null
                ? builder.AddResource(new ProjectResource(name)).WithAnnotation<IProjectMetadata>(new TProject())
                : throw new DistributedApplicationException($"'{name}': standalone mode starts projects without a launch profile.");

        public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas) =>
            builder.WithAnnotation(new Replicas(replicas), ResourceAnnotationMutationBehavior.Replace);
    }
}
