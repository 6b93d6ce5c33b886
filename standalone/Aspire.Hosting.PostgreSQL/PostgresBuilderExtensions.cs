using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Standalone;

namespace Aspire.Hosting;

public static class PostgresBuilderExtensions
{
    /// <summary>Adds the machine's PostgreSQL, with a cluster and a password of its own.</summary>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null)
    {
        var secret = password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password");
        return builder.AddResource(new PostgresServerResource(name, userName?.Resource, secret))
            .WithAnnotation(new Endpoint(PostgresServerResource.PrimaryEndpointName, "tcp", port, "127.0.0.1"))
            .WithAnnotation(new NativeServer(PostgresServer.Plan))
            .WithAnnotation(new InstanceCheck(PostgresServer.Check));
    }

    /// <summary>Adds a database, created when the server is there and it is not.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        builder.Resource.Add(database);
        return builder.ApplicationBuilder.AddResource(database).WithAnnotation(new InstanceCheck(PostgresServer.CheckDatabase));
    }

    /// <summary>Keeps the data between runs.</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(
        this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) =>
        builder.WithAnnotation(new KeepsData(name ?? builder.Resource.Name));
}
