using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Standalone;

namespace Aspire.Hosting.ApplicationModel
{
    public class ContainerResource(string name, string? entrypoint = null)
        : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
    {
        public string? Entrypoint { get; set; } = entrypoint;
    }

    sealed record ContainerImage(string? Registry, string Image, string Tag) : IResourceAnnotation;
}

namespace Aspire.Hosting
{
    public static class ContainerResourceBuilderExtensions
    {
        /// <summary>Adds a container. There is none in standalone mode: the image names the server of this machine that runs instead.</summary>
        public static IResourceBuilder<ContainerResource> AddContainer(
            this IDistributedApplicationBuilder builder, string name, string image, string tag) =>
            AddNative(builder.AddResource(new ContainerResource(name)).WithAnnotation(new ContainerImage(null, image, tag)));

        public static IResourceBuilder<T> WithEntrypoint<T>(this IResourceBuilder<T> builder, string entrypoint) where T : ContainerResource
        {
            builder.Resource.Entrypoint = entrypoint;
            return builder;
        }

        public static IResourceBuilder<T> WithImageRegistry<T>(this IResourceBuilder<T> builder, string? registry) where T : ContainerResource
        {
            var image = builder.Resource.Annotations.OfType<ContainerImage>().Last() with { Registry = registry };
            return AddNative(builder.WithAnnotation(image, ResourceAnnotationMutationBehavior.Replace));
        }

        static IResourceBuilder<T> AddNative<T>(IResourceBuilder<T> builder) where T : ContainerResource =>
            builder.Resource.Annotations.OfType<ContainerImage>().Last() switch
            {
                { Registry: "quay.io", Image: "coreos/etcd" } => builder.WithAnnotation(new NativeServer(Etcd.Plan)),
                { Registry: null, Image: "redis" } => builder.WithAnnotation(new NativeServer(RedisScript.Plan)),
                _ => builder,
            };
    }
}
